"""The files of offices and of meeting types. Errors name file, place and field in plain words."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Any

from core.ids import AgentId
from core.language import Language
from core.phone import PhoneNumber
from meetings import shapes
from meetings.register import (
    Area,
    Authority,
    Centre,
    Handler,
    Interpreter,
    MeetingType,
    Office,
    Partner,
    Register,
    Room,
    Seat,
)
from storage.edited_file import Faults, read_edited

OFFICES, TYPES = "config/offices.yaml", "config/meeting_types.yaml"
_OURS_BY_NAME = (Authority.FORSAKRINGSKASSAN, Authority.ARBETSFORMEDLINGEN)
"""Whose services at an office are meetings of ours, so that a name that we do not know is a slip of the pen."""


def load_register(*, offices: str, types: str) -> Register:
    """Read both files; raises :class:`ConfigurationError` that names file, place and field of every fault."""
    faults = Faults()
    places = faults.attempt(lambda: read_edited(shapes.OfficesFile, offices, file=OFFICES))
    kinds = faults.attempt(lambda: read_edited(shapes.TypesFile, types, file=TYPES))
    if places is not None:
        _check_places(faults, places)
    if kinds is not None:
        _check_kinds(faults, kinds)
    if places is not None and kinds is not None:
        _check_together(faults, places, kinds)
    faults.refuse()
    assert places is not None and kinds is not None  # noqa: S101 - what could not be read has been refused
    return _register(places, kinds)


def _check_places(faults: Faults, read: shapes.OfficesFile) -> None:
    centres = _unique(faults, OFFICES, "centre", [one.centre for one in read.centres])
    areas = _unique(faults, OFFICES, "area", [one.area for one in read.areas])
    offices = _unique(faults, OFFICES, "office", [one.office for one in read.offices])
    _unique(faults, OFFICES, "room", [one.room for one in read.rooms])
    _unique(faults, OFFICES, "handler", [one.handler for one in read.handlers])
    _unique(faults, OFFICES, "interpreter", [one.interpreter for one in read.interpreters])
    rows: Iterable[tuple[str, str, Iterable[str], Collection[str]]] = [
        *((f"area {one.area}", "centre", [one.centre], centres) for one in read.areas),
        *((f"office {one.office}", "area", [one.area], areas) for one in read.offices),
        *((f"room {one.room}", "office", [one.office], offices) for one in read.rooms),
        *((f"handler {one.handler}", "offices", one.offices, offices) for one in read.handlers),
        *((f"interpreter {one.interpreter}", "offices", one.offices, offices) for one in read.interpreters),
    ]
    for place, name, named, known in rows:
        for one in named:
            if one not in known:
                faults.add(OFFICES, place, name, f"there is no {name.removesuffix('s')} {one!r} in this file")
    _check_numbers(faults, read)
    _check_periods(faults, OFFICES, [*read.centres, *read.areas, *read.offices, *read.rooms, *read.handlers])


def _check_numbers(faults: Faults, read: shapes.OfficesFile) -> None:
    names = {one.handler for one in read.handlers}
    count = Counter(one.number for one in read.handlers)
    for one in read.handlers:
        if count[one.number] > 1:
            faults.add(OFFICES, f"handler {one.handler}", "number", "somebody else has this number, too")
        if one.deputy and (one.deputy not in names or one.deputy == one.handler):
            faults.add(
                OFFICES, f"handler {one.handler}", "deputy", f"there is no other handler {one.deputy!r} in this file"
            )


def _check_kinds(faults: Faults, read: shapes.TypesFile) -> None:
    known = _unique(faults, TYPES, "type", [one.type for one in read.types])
    for one in read.types:
        place = f"type {one.type}"
        for name in ("separately", "replaced_by"):
            if (other := getattr(one, name)) and other not in known:
                faults.add(TYPES, place, name, f"there is no type {other!r} in this file")
        if not one.decisions and not one.separately:
            faults.add(TYPES, place, "separately", "say in which type of meeting decisions are discussed")
        if any(count > 1 for count in Counter(seat.authority for seat in one.staff).values()):
            faults.add(TYPES, place, "staff", "each authority has one seat at most")
        if set(one.label) != set(Language):
            faults.add(TYPES, place, "label", f"this needs {', '.join(Language)}")
    if not any(one.any_matter for one in read.types):
        faults.add(TYPES, "types", "one type must be for any_matter: everybody can have a meeting")
    _check_periods(faults, TYPES, read.types)


def _check_together(faults: Faults, places: shapes.OfficesFile, kinds: shapes.TypesFile) -> None:
    types = {one.type: one for one in kinds.types}
    for office in places.offices:
        place = f"office {office.office}"
        for authority in _OURS_BY_NAME:
            named = office.services.get(authority, "all")
            for unknown in sorted(set(named) - set(types)) if isinstance(named, list) else ():
                faults.add(OFFICES, place, f"services: {authority}", f"there is no type {unknown!r} in {TYPES}")
        if not _has_any_matter(office, kinds.types):
            faults.add(
                OFFICES, place, "services", "every office has a meeting for any matter (any_matter in the types)"
            )
    for pool, kind in _pools(kinds):
        if not any(pool in one.pools and one.authority is kind for one in places.handlers):
            faults.add(OFFICES, "handlers", f"nobody of {kind} is in the pool {pool}, which {TYPES} names")


def _has_any_matter(office: shapes.Office, kinds: Iterable[shapes.MeetingType]) -> bool:
    for kind in kinds:
        named = [office.services.get(seat.authority, []) for seat in kind.staff]
        if kind.any_matter and all(one == "all" or kind.type in one for one in named):
            return True
    return False


def _pools(kinds: shapes.TypesFile) -> Iterator[tuple[str, Authority]]:
    yield from sorted({(seat.pool, seat.authority) for one in kinds.types for seat in one.staff if seat.pool})


def _check_periods(faults: Faults, file: str, rows: Iterable[Any]) -> None:
    for row in rows:
        if row.valid_from and row.valid_until and row.valid_from >= row.valid_until:
            kind = type(row).__name__.lower().removeprefix("meeting")
            faults.add(file, f"{kind} {getattr(row, kind)}", "valid_until", "this must be after valid_from")


def _unique(faults: Faults, file: str, kind: str, names: list[str]) -> set[str]:
    for name, count in Counter(names).items():
        if count > 1:
            faults.add(file, f"{kind} {name}", f"there are {count} of this name")
    return set(names)


def _register(places: shapes.OfficesFile, kinds: shapes.TypesFile) -> Register:
    return Register(
        offices={one.office: _office(one) for one in places.offices},
        areas={one.area: _area(one) for one in places.areas},
        centres={one.centre: Centre(**one.model_dump()) for one in places.centres},
        handlers={AgentId(one.handler): _handler(one) for one in places.handlers},
        rooms={one.room: Room(**_sets(one, "features")) for one in places.rooms},
        interpreters={one.interpreter: _interpreter(one) for one in places.interpreters},
        types={one.type: _type(one) for one in kinds.types},
    )


def _sets(row: Any, *names: str) -> dict[str, Any]:
    return {**row.model_dump(), **{name: frozenset(getattr(row, name)) for name in names}}


def _area(row: shapes.Area) -> Area:
    partners = tuple(Partner(name=one.name, authority=one.authority) for one in row.partners)
    return Area(**{**row.model_dump(), "partners": partners})


def _office(row: shapes.Office) -> Office:
    services = {name: None if named == "all" else frozenset(named) for name, named in row.services.items()}
    values = {"hours": row.hours.read(), "services": services, "postcodes": tuple(row.postcodes)}
    return Office(**{**_sets(row, "features"), **values})


def _handler(row: shapes.Handler) -> Handler:
    values = {
        "number": PhoneNumber(row.number), "hours": row.hours.read(), "offices": tuple(row.offices),
        "away": tuple((one.since, one.until) for one in row.away), "agent": AgentId(row.agent or row.handler),
        "deputy": AgentId(row.deputy) if row.deputy else None,
    }  # fmt: skip
    return Handler(**{**_sets(row, "pools", "languages"), **values})


def _interpreter(row: shapes.Interpreter) -> Interpreter:
    values = {"hours": row.hours.read(), "offices": tuple(row.offices)}
    return Interpreter(**{**_sets(row, "languages", "modes"), **values})


def _type(row: shapes.MeetingType) -> MeetingType:
    values = _sets(row, "asked_by", "needs") | {
        "modes": tuple(row.modes), "others": tuple(row.others),
        "staff": tuple(Seat(one.authority, one.pool) for one in row.staff),
        "length": timedelta(minutes=row.minutes), "gap": timedelta(minutes=row.gap_minutes),
    }  # fmt: skip
    return MeetingType(**{name: value for name, value in values.items() if name not in ("minutes", "gap_minutes")})
