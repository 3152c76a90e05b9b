"""The file of opening hours: entry points with their numbers, hours per weekday, holidays and exceptions."""

import re
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from core.phone import PhoneNumber, parse_phone
from ivr.flow_parts import Needs, Preferred, wants_of
from ivr.opening_hours import EntryPoint, OpeningHours, Span
from storage.edited_file import read_edited

_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a span such as 08:00-16:30")
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    if (from_hour, from_minute) >= (to_hour, to_minute) or (to_hour, to_minute) > (24, 0):
        raise ValueError(f"{text!r} must end after it begins, and on the same day")
    return Span(time(from_hour, from_minute), time(to_hour % 24, to_minute))


def _spans(texts: list[str]) -> tuple[Span, ...]:
    return tuple(_span(text) for text in texts)


def _are_spans(texts: list[str]) -> list[str]:
    _spans(texts)
    return texts


Spans = Annotated[
    list[str],
    Field(description='Such as ["08:00-12:00", "13:00-24:00"]; an empty list is closed'),
    AfterValidator(_are_spans),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WeekPart(_Part):
    """Hours per weekday; a day that is left out is closed."""

    monday: Spans = []
    tuesday: Spans = []
    wednesday: Spans = []
    thursday: Spans = []
    friday: Spans = []
    saturday: Spans = []
    sunday: Spans = []


class ExceptionPart(_Part):
    """A single day that differs."""

    on: date
    hours: Spans
    why: str


class EntryPointPart(_Part):
    """One of our numbers."""

    id: str
    numbers: Annotated[list[str], Field(min_length=1)]
    week: WeekPart
    holidays: Spans = []
    always_open: bool = False
    exceptions: list[ExceptionPart] = []
    needs: Needs = []
    preferred: Preferred = []

    @field_validator("numbers")
    @classmethod
    def _are_numbers(cls, numbers: list[str]) -> list[str]:
        if any(parse_phone(number) is None for number in numbers):
            raise ValueError("not a phone number")
        return numbers


class OpeningHoursFile(_Part):
    """The whole file."""

    entry_points: Annotated[list[EntryPointPart], Field(min_length=1)]


def load_opening_hours(text: str, *, file: str = "config/opening_hours.yaml") -> tuple[EntryPoint, ...]:
    """Read the entry points; raises :class:`ConfigurationError` naming file and field. The first is the default."""
    return tuple(_entry_point(part) for part in read_edited(OpeningHoursFile, text, file=file).entry_points)


def _entry_point(part: EntryPointPart) -> EntryPoint:
    week = {number: _spans(getattr(part.week, name)) for number, name in enumerate(_WEEKDAYS)}
    return EntryPoint(
        id=part.id,
        numbers=tuple(number for number in map(parse_phone, part.numbers) if isinstance(number, PhoneNumber)),
        hours=OpeningHours(
            week=week,
            on_holidays=_spans(part.holidays),
            exceptions={one.on: _spans(one.hours) for one in part.exceptions},
            always_open=part.always_open,
        ),
        wants=wants_of(part.needs, part.preferred),
    )
