"""What citizens are told of each type of meeting, and when: reminders, questions to prepare, how long anything is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contacts.readability import LIX_LIMIT, is_hard, sends_to_the_web, turns_away
from core.language import Language
from meetings.register import MeetingType
from storage.edited_file import Faults, read_edited

FILE = "config/meetings.yaml"
_SEPARATE = ("beslut", "skrivas in", "inskrivning", "enrol")
"""Beginnings of what has no place on the agenda of a meeting in which decisions are not discussed (N9)."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something to think of before the meeting, asked in the kallelse."""

    question: str
    asks: Mapping[Language, str]


@dataclass(frozen=True, kw_only=True)
class About:
    """What a type of meeting is for, in words that everybody understands, and what is thought of before and in it."""

    purpose: Mapping[Language, str]
    questions: tuple[Question, ...] = ()
    bring: Mapping[Language, str] = field(default_factory=dict)
    agenda: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the file says. ``reminders`` are so long before a meeting, the earliest first."""

    reminders: tuple[timedelta, ...]
    kept: timedelta
    follow_up: timedelta
    tell_from_day: int
    latest_day: int
    digital_receipt: bool
    guidance_owner: str
    large_places: frozenset[str]
    about: Mapping[str, About]


_Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
_Line = Annotated[str, Field(min_length=1, max_length=300)]
_Both = Annotated[dict[Language, _Line], Field(description="The same in Swedish and English.")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Question(_Shape):
    id: _Word
    sv: _Line
    en: _Line


class _About(_Shape):
    purpose: _Both = Field(description="Why one meets, in plain words: LIX at most 50.")
    questions: list[_Question] = Field(default=[], max_length=6)
    bring: _Both = {}
    agenda: list[_Line] = Field(default=[], max_length=12)


class _DayNinety(_Shape):
    tell_from_day: int = Field(ge=1, le=89)
    latest_day: int = Field(ge=1, le=89)


class PolicyFile(_Shape):
    """The whole file."""

    reminders_hours: list[Annotated[int, Field(ge=1, le=720)]] = Field(
        max_length=4, description="So many hours before the meeting a text reminds of it, one each."
    )
    kept_days: int = Field(ge=30, le=3650)
    follow_up_days: int = Field(ge=1, le=60)
    day_90: _DayNinety
    digital_receipt: bool = True
    guidance_owner: str = Field(min_length=1, max_length=80, description="Who answers what is unclear in the guidance.")
    large_places: list[Annotated[str, Field(min_length=2, max_length=60)]] = Field(
        default=[], description="Towns where so many live that a brief without a name may say them."
    )
    types: dict[_Word, _About]


def load_policy(text: str, *, types: Mapping[str, MeetingType]) -> Policy:
    """Read the file; raises :class:`ConfigurationError` that names every fault."""
    read = read_edited(PolicyFile, text, file=FILE)
    faults = Faults()
    for name in sorted(set(types) - set(read.types)):
        faults.add(
            FILE, f"type {name}", "purpose", "this is missing: nobody is called to a meeting without knowing why"
        )
    for name in sorted(set(read.types) - set(types)):
        faults.add(FILE, f"type {name}", "there is no such type in config/meeting_types.yaml")
    for name, about in read.types.items():
        _check(faults, f"type {name}", about, decides=name not in types or types[name].decisions)
    if read.day_90.latest_day < read.day_90.tell_from_day:
        faults.add(FILE, "day_90", "latest_day", "this is before tell_from_day")
    faults.refuse()
    return Policy(
        reminders=tuple(timedelta(hours=hours) for hours in sorted(set(read.reminders_hours), reverse=True)),
        kept=timedelta(days=read.kept_days),
        follow_up=timedelta(days=read.follow_up_days),
        tell_from_day=read.day_90.tell_from_day,
        latest_day=read.day_90.latest_day,
        digital_receipt=read.digital_receipt,
        guidance_owner=read.guidance_owner,
        large_places=frozenset(read.large_places),
        about={name: _about(one) for name, one in read.types.items()},
    )


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PolicyFile.model_json_schema()}


def _check(faults: Faults, place: str, about: _About, *, decides: bool) -> None:
    for name, both in {"purpose": about.purpose, "bring": about.bring}.items():
        if both and set(both) != set(Language):
            faults.add(FILE, place, name, f"this needs {', '.join(Language)}")
    ids = [one.id for one in about.questions]
    if len(set(ids)) != len(ids):
        faults.add(FILE, place, "questions", "two have the same id")
    for said in _said(about):
        if is_hard(said):
            faults.add(FILE, place, f"this is hard to read (LIX over {LIX_LIMIT}): {said[:60]!r}")
        if turns_away(said) or sends_to_the_web(said):
            faults.add(FILE, place, f"this sends citizens away: {said[:60]!r}")
    named = [line for line in about.agenda if any(word in line.lower() for word in _SEPARATE)]
    for line in [] if decides else named:
        faults.add(FILE, place, "agenda", f"this belongs to a meeting of its own: {line[:60]!r}")


def _said(about: _About) -> Iterator[str]:
    yield from about.purpose.values()
    yield from about.bring.values()
    for one in about.questions:
        yield from (one.sv, one.en)
    yield from about.agenda


def _about(read: _About) -> About:
    questions = (
        Question(question=one.id, asks={Language.SWEDISH: one.sv, Language.ENGLISH: one.en}) for one in read.questions
    )
    return About(purpose=read.purpose, questions=tuple(questions), bring=read.bring, agenda=tuple(read.agenda))
