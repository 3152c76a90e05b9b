"""The shapes of the files of offices and of meeting types, and their JSON Schemas."""

import re
from datetime import date, time
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.language import Language
from core.phone import parse_phone
from meetings.hours import Hours, Span
from meetings.register import Asker, Authority, Mode, OfficeKind

_SPAN = re.compile(r"([01][0-9]|2[0-3]):(00|15|30|45)-([01][0-9]|2[0-4]):(00|15|30|45)")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:20]!r} is not a span of quarters such as 09:00-16:15")
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    if (from_hour, from_minute) >= (to_hour, to_minute) or (to_hour, to_minute) > (24, 0):
        raise ValueError(f"{text!r} must end after it begins, and on the same day")
    return time(from_hour, from_minute), time(to_hour % 24, to_minute)


def _are_spans(texts: list[str]) -> list[str]:
    spans = sorted(map(_span, texts))
    for (_, ends), (begins, _) in zip(spans, spans[1:], strict=False):
        if ends == time() or begins < ends:
            raise ValueError("two spans of a day must not overlap")
    return texts


def _is_a_number(text: str) -> str:
    number = parse_phone(text)
    if number is None:
        raise ValueError("this is not a phone number; nobody is called to a meeting without a direct number")
    return number.e164


_Spans = Annotated[list[str], AfterValidator(_are_spans)]
_Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
_Name = Annotated[str, Field(min_length=1, max_length=80)]
_Number = Annotated[str, AfterValidator(_is_a_number)]
_Postcode = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}$")]
_Quarters = Annotated[int, Field(ge=0, le=480, multiple_of=15)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date | None = None
    valid_until: date | None = Field(default=None, description="The first day on which it is no more.")


class _Exception(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    hours: _Spans
    why: str


class _Hours(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    monday: _Spans = []
    tuesday: _Spans = []
    wednesday: _Spans = []
    thursday: _Spans = []
    friday: _Spans = []
    saturday: _Spans = []
    sunday: _Spans = []
    exceptions: list[_Exception] = []

    def read(self) -> Hours:
        """Return what is written as hours."""
        week = tuple(tuple(map(_span, getattr(self, day))) for day in WEEKDAYS)
        return _the_same(Hours(week, tuple((one.on, tuple(map(_span, one.hours))) for one in self.exceptions)))


@lru_cache(maxsize=2_000)
def _the_same(hours: Hours) -> Hours:
    """Return one object for hours that are the same: what follows from them is worked out once."""
    return hours


class _Partner(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    authority: Authority


class Area(_Row):
    """A part of the country."""

    area: _Word
    name: _Name
    centre: _Word
    partners: list[_Partner] = []


class Centre(_Row):
    """A local or national centre."""

    centre: _Word
    name: _Name
    kind: Literal["lfc", "nfc"]


class Office(_Row):
    """A place where citizens are met."""

    office: _Word
    name: _Name
    kind: OfficeKind
    host: Authority
    area: _Word
    address: _Name
    postcodes: list[_Postcode] = Field(min_length=1, description="Beginnings of the postcodes that it is near to.")
    hours: _Hours
    features: list[_Word] = []
    services: dict[Authority, Literal["all"] | list[_Word]] = Field(
        description="What each authority has here: all, or names; of ours and the employment service's: meeting types."
    )


class Room(_Row):
    """A room of an office."""

    room: _Word
    office: _Word
    seats: int = Field(ge=2, le=50)
    features: list[_Word] = []


class _Away(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    since: date
    until: date


class Handler(_Row):
    """Somebody who meets citizens. Their direct number stands in every kallelse."""

    handler: _Word
    name: _Name
    authority: Authority = Authority.FORSAKRINGSKASSAN
    offices: list[_Word] = Field(min_length=1)
    pools: list[_Word] = []
    languages: list[_Word] = ["sv"]
    number: _Number
    hours: _Hours
    away: list[_Away] = []
    agent: str = Field(
        default="",
        pattern=r"^[a-z0-9_-]{0,40}$",
        description="As which agent they answer calls; their own name if empty.",
    )
    deputy: str = Field(
        default="", pattern=r"^[a-z0-9_-]{0,40}$", description="The handler who answers when they cannot."
    )
    queue: _Word = Field(default="allmant", description="Where callers wait when neither of them can answer.")


class Interpreter(_Row):
    """Somebody who interprets."""

    interpreter: _Word
    languages: list[_Word] = Field(min_length=1)
    modes: list[Mode] = Field(min_length=1)
    offices: list[_Word] = Field(default=[], description="Where in person; empty: everywhere.")
    hours: _Hours


class OfficesFile(BaseModel):
    """The whole file of offices."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    centres: list[Centre] = Field(min_length=1)
    areas: list[Area] = Field(min_length=1)
    offices: list[Office] = Field(min_length=1)
    rooms: list[Room] = []
    handlers: list[Handler] = Field(min_length=1)
    interpreters: list[Interpreter] = []


class _Seat(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: Authority = Authority.FORSAKRINGSKASSAN
    pool: str = Field(default="", pattern=r"^[a-z0-9_-]{0,40}$")


class MeetingType(_Row):
    """A kind of meeting with its rules."""

    type: _Word
    label: dict[Language, _Name]
    modes: list[Mode] = Field(min_length=1, description="In the order in which they are offered.")
    minutes: int = Field(ge=15, le=480, multiple_of=15)
    gap_minutes: _Quarters = 0
    staff: list[_Seat] = Field(min_length=1)
    others: list[_Word] = []
    any_matter: bool = False
    asked_by: list[Asker] = Field(default=list(Asker), min_length=1)
    needs: list[Literal["checklist", "consent"]] = []
    decisions: bool = Field(default=True, description="Whether a decision of ours may be discussed.")
    enrolment: bool = Field(default=False, description="Whether somebody may be enrolled with the employment service.")
    separately: str = Field(default="", description="The type in which decisions are discussed instead.")
    replaced_by: str = ""


class TypesFile(BaseModel):
    """The whole file of meeting types."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: list[MeetingType] = Field(min_length=1)


_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def offices_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file of offices, for editors."""
    return {**_DRAFT, **OfficesFile.model_json_schema()}


def types_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file of meeting types, for editors."""
    return {**_DRAFT, **TypesFile.model_json_schema()}
