"""The file of how promises are kept. Errors name file and field in plain words."""

import re
from collections.abc import Collection
from datetime import date, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from callbacks.allowed_numbers import is_country
from callbacks.model import Caps, DialMode, Planned, Policy, RingingHours, Slots, Span, Staffing
from core.errors import ConfigurationError
from core.phone import parse_phone
from storage.edited_file import Faults, read_edited

_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a span such as 08:00-20:00")
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


def _are_planned(day: dict[str, int]) -> dict[str, int]:
    _are_spans(list(day))
    return day


def _is_a_country(code: str) -> str:
    if not is_country(code):
        raise ValueError(f"{code} is the calling code of no country")
    return code


def _is_a_number(text: str) -> str:
    number = parse_phone(text)
    if number is None:
        raise ValueError("this is not a phone number")
    return number.e164


_Spans = Annotated[list[str], AfterValidator(_are_spans)]
_Code = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$"), AfterValidator(_is_a_country)]
_Number = Annotated[str, AfterValidator(_is_a_number)]
_Minutes = Annotated[int, Field(ge=1, le=24 * 60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Attempts(_Part):
    most: int = Field(ge=1, le=10)
    minutes_between: _Minutes
    after_busy_minutes: _Minutes


class _Exception(_Part):
    on: date
    hours: _Spans
    why: str


class _RingingHours(_Part):
    monday: _Spans = []
    tuesday: _Spans = []
    wednesday: _Spans = []
    thursday: _Spans = []
    friday: _Spans = []
    saturday: _Spans = []
    sunday: _Spans = []
    holidays: _Spans = []
    exceptions: list[_Exception] = []


class _Times(_Part):
    minutes: int = Field(ge=10, le=240)
    first_after_minutes: int = Field(ge=0, le=24 * 60)
    working_days_ahead: int = Field(ge=1, le=30)
    capacity: int = Field(ge=0, le=10_000)


class _Staffing(_Part):
    share_percent: int = Field(ge=1, le=100)
    minutes_per_talk: int = Field(ge=1, le=120)


_PlannedDay = Annotated[dict[str, Annotated[int, Field(ge=0, le=5_000)]], AfterValidator(_are_planned)]


class _PlannedWeek(_Part):
    monday: _PlannedDay = {}
    tuesday: _PlannedDay = {}
    wednesday: _PlannedDay = {}
    thursday: _PlannedDay = {}
    friday: _PlannedDay = {}
    saturday: _PlannedDay = {}
    sunday: _PlannedDay = {}


class _Queue(_Part):
    capacity: int | None = Field(default=None, ge=0, le=10_000)
    planned: _PlannedWeek | None = None
    dial: DialMode = Field(
        default=DialMode.AGENT_FIRST,
        description="agent_first: the agent sees whom it is about and says yes, then the citizen is rung. "
        "citizen_first: the citizen is rung first, while no more are rung than there are agents free for them",
    )


class _Caps(_Part):
    number_per_day: int = Field(ge=1)
    person_per_day: int = Field(ge=1)
    range_per_hour: int = Field(ge=1)
    all_per_hour: int = Field(ge=1)


class CallbacksFile(_Part):
    """The whole file."""

    attempts: _Attempts
    ringing_hours: _RingingHours
    times: _Times
    staffing: _Staffing = _Staffing(share_percent=20, minutes_per_talk=10)
    queues: dict[str, _Queue] = {}
    countries: list[_Code] = Field(min_length=1)
    caps: _Caps
    place_kept_minutes: _Minutes
    stale_after_minutes: _Minutes
    stranded_queue: str
    own_numbers: list[_Number] = []


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **CallbacksFile.model_json_schema()}


def load_callbacks(text: str, *, queues: Collection[str] | None = None, file: str = "config/callbacks.yaml") -> Policy:
    """Read how promises are kept; raises :class:`ConfigurationError` naming file and field.

    ``queues`` are the queues that there are, if that is known. The numbers of our entry points stand in another file.
    """
    read = read_edited(CallbacksFile, text, file=file)
    _refuse_what_cannot_be(read, queues=queues, file=file)
    return Policy(
        own_numbers=frozenset(read.own_numbers),
        countries=frozenset(read.countries),
        most_attempts=read.attempts.most,
        between_attempts=timedelta(minutes=read.attempts.minutes_between),
        after_busy=timedelta(minutes=read.attempts.after_busy_minutes),
        hours=_hours(read.ringing_hours),
        caps=Caps(**read.caps.model_dump()),
        slots=Slots(
            length=timedelta(minutes=read.times.minutes),
            capacity=read.times.capacity,
            of_queues={name: one.capacity for name, one in read.queues.items() if one.capacity is not None},
            working_days_ahead=read.times.working_days_ahead,
            first_after=timedelta(minutes=read.times.first_after_minutes),
            staffing=_staffing(read),
        ),
        place_kept=timedelta(minutes=read.place_kept_minutes),
        stale_after=timedelta(minutes=read.stale_after_minutes),
        stranded_queue=read.stranded_queue,
        citizen_first=frozenset(name for name, one in read.queues.items() if one.dial is DialMode.CITIZEN_FIRST),
    )


def _refuse_what_cannot_be(read: CallbacksFile, *, queues: Collection[str] | None, file: str) -> None:
    faults = Faults()
    if not any(getattr(read.ringing_hours, day) for day in _WEEKDAYS[:5]):
        faults.add(file, "ringing_hours", "nobody could be rung from Monday to Friday")
    if queues is not None:
        for name, one in read.queues.items():
            if one.capacity is not None and one.planned is not None:
                faults.add(
                    file, f"queues: {name}", "give capacity or planned agents, not both: the one follows from the other"
                )
        for name in sorted(set(read.queues) - set(queues)):
            faults.add(file, f"queues: {name}", "there is no such queue in config/queues.yaml")
        if read.stranded_queue not in queues:
            faults.add(file, "stranded_queue", "there is no such queue in config/queues.yaml")
    if faults.found:
        raise ConfigurationError(faults=faults.found)


def _staffing(read: CallbacksFile) -> Staffing:
    planned = {name: _planned(one.planned) for name, one in read.queues.items() if one.planned is not None}
    talk = timedelta(minutes=read.staffing.minutes_per_talk)
    return Staffing(share=read.staffing.share_percent / 100, talk=talk, planned=planned)


def _planned(week: _PlannedWeek) -> tuple[Planned, ...]:
    return tuple(
        Planned(weekday=number, span=_span(span), agents=agents)
        for number, name in enumerate(_WEEKDAYS)
        for span, agents in getattr(week, name).items()
    )


def _hours(read: _RingingHours) -> RingingHours:
    return RingingHours(
        week={number: _spans(getattr(read, name)) for number, name in enumerate(_WEEKDAYS)},
        on_holidays=_spans(read.holidays),
        exceptions={one.on: _spans(one.hours) for one in read.exceptions},
    )


def _spans(texts: list[str]) -> tuple[Span, ...]:
    return tuple(map(_span, texts))
