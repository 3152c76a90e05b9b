"""Which times are free: office, handlers, room, interpreter, needs, hours and holidays, all at once. Pure.

What each part has free is one number whose bits are quarters of an hour, so ninety days of three hundred offices are a
few thousand operations on long numbers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from operator import and_, or_
from typing import TypeVar

from meetings.hours import (
    Hours,
    Window,
    aligned,
    first_quarter,
    instant_of,
    midnight,
    ones,
    open_mask,
    quarter_of,
    runs,
)
from meetings.model import Choice, Free, Parts, Wish
from meetings.register import (
    IN_HOUSE_AND_ROOM,
    Authority,
    Handler,
    Interpreter,
    MeetingType,
    Mode,
    Office,
    Register,
    Room,
    Valid,
)
from meetings.rules import may_hold

Busy = Mapping[str, int]
"""Resource → the quarters of the window in which it is taken."""

Known = dict[tuple[str, int], tuple[object, int, int]]
"""What searches in one window have worked out: for a part and a length the part, what it was busy with, and its starts."""

_Part = TypeVar("_Part", Handler, Room, Interpreter)

SWEDISH = "sv"
EVERY = 2
"""Meetings begin at half hours: so many quarters apart."""


def resource(kind: str, name: str) -> str:
    """Return what a part is called where it is taken: ``handler:lena``."""
    return f"{kind}:{name}"


def resources(parts: Parts, wish_person: str | None) -> list[str]:
    """Return what a meeting takes: everybody and everything of it, and the citizen, who is in one place at a time."""
    named = [("handler", str(one)) for one in parts.staff]
    named += [(kind, one) for kind, one in (("room", parts.room), ("interpreter", parts.interpreter)) if one]
    named += [("person", wish_person)] if wish_person else []
    return sorted(resource(kind, one) for kind, one in named)


def free(
    register: Register, kind: MeetingType, wish: Wish, *, window: Window, busy: Busy, earliest: datetime, most: int,
    known: Known | None = None,
) -> list[Free]:  # fmt: skip
    """Return the next free times of a window, not before ``earliest``: by mode as the type prefers them, then by time.

    At one time offices come in the order of the wish. No more than ``most``. ``known`` may be handed on from search to
    search in the same window, which then work out only what has changed.
    """
    found: list[Free] = []
    looking = _Looking(register, kind, wish, window, busy, known)
    later = ~ones(0, window.bit(first_quarter(after=earliest)))
    for mode in [wish.mode] if wish.mode else kind.modes:
        of_offices = [(office, looking.starts(office, mode) & later) for office in looking.offices()]
        found += _next([one for one in of_offices if one[1]], kind, mode, window, most - len(found))
        if len(found) >= most:
            break
    return found


def parts_at(
    register: Register, kind: MeetingType, wish: Wish, chosen: Choice, *, window: Window, busy: Busy,
    prefer: Callable[[str], tuple[int, str]],
) -> Parts | None:  # fmt: skip
    """Return who and what takes a time; ``None`` when something that it needs is not free then.

    Who speaks the citizen's language comes before an interpreter; of several the one that ``prefer`` puts first.
    """
    looking = _Looking(register, kind, wish, window, busy)
    office = register.offices[chosen.office]
    bit = window.bit(quarter_of(chosen.starts_at))
    if bit < 0 or not looking.starts(office, chosen.mode) >> bit & 1:
        return None

    def first(those: Iterable[_Part]) -> _Part:
        return min((one for one in those if looking.has(one) >> bit & 1), key=lambda one: prefer(_named(one)[0]))

    groups = looking.seats(office, speaking=True)
    speaks = all(any(looking.has(one) >> bit & 1 for one in group) for group in groups)
    groups = groups if speaks else looking.seats(office, speaking=False)
    staff = tuple(first(group).handler for group in groups)
    in_person = chosen.mode is Mode.PHYSICAL
    return Parts(
        staff=staff,
        room=first(looking.rooms(office, interpreted=not speaks)).room if in_person else None,
        interpreter=None if speaks else first(looking.interpreters(office, chosen.mode)).interpreter,
    )


def candidates(register: Register, kind: MeetingType, wish: Wish, chosen: Choice) -> list[str]:
    """Return every resource that a meeting at this office could take, free or not."""
    looking = _Looking(register, kind, wish, Window(date(2000, 1, 1), 0), {})
    office = register.offices[chosen.office]
    handlers = {one.handler for group in looking.seats(office, speaking=False) for one in group}
    rooms = looking.rooms(office, interpreted=False) if chosen.mode is Mode.PHYSICAL else []
    named = [("handler", str(one)) for one in handlers] + [("room", one.room) for one in rooms]
    named += [("interpreter", one.interpreter) for one in looking.interpreters(office, chosen.mode)]
    named += [("person", wish.person)] if wish.person else []
    return sorted(resource(kind_of, name) for kind_of, name in named)


class _Looking:
    """One search: what each part has free in the window, from which the starts of an office follow."""

    def __init__(
        self, register: Register, kind: MeetingType, wish: Wish, window: Window, busy: Busy, known: Known | None = None
    ) -> None:
        self._register, self._kind, self._wish, self._window, self._busy = register, kind, wish, window, busy
        self._length = window.ends - window.begins
        mine = busy.get(resource("person", wish.person), 0) if wish.person else 0
        self._ours = self._within(kind) & runs(ones(0, self._length) & ~mine, kind.quarters)
        self._known: Known = {} if known is None else known

    def offices(self) -> list[Office]:
        named: Sequence[str] = self._wish.offices or tuple(self._register.offices)
        return [one for name in named if (one := self._register.offices[name]).offers(self._kind)]

    def starts(self, office: Office, mode: Mode) -> int:
        """Return the quarters in which such a meeting can begin at an office."""
        if mode not in self._kind.modes or not office.offers(self._kind):
            return 0
        begin = self._ours & aligned(self._length, EVERY) & self._within(office)
        if mode is Mode.PHYSICAL:
            begin &= runs(open_mask(office.hours, self._window), self._kind.quarters)
        if not begin:
            return 0
        speaking = self._all_of(self.seats(office, speaking=True)) & self._room(office, mode, interpreted=False)
        interpreters = self.interpreters(office, mode)
        if not interpreters:
            return begin & speaking
        anybody = self._all_of(self.seats(office, speaking=False)) & self._any_of(interpreters)
        return begin & (speaking | anybody & self._room(office, mode, interpreted=True))

    def seats(self, office: Office, *, speaking: bool) -> list[list[Handler]]:
        """Return for each seat of the meeting who could take it: of those at the office, or the one who is wished."""
        there = self._register.handlers_at.get(office.office, ())
        return [
            [
                one
                for one in there
                if may_hold(one, seat, is_protected=self._wish.is_protected)
                and (not speaking or self._speaks(one))
                and (self._wish.handler in (None, one.handler) or not _is_ours(seat.authority))
            ]
            for seat in self._kind.staff
        ]

    def rooms(self, office: Office, *, interpreted: bool) -> list[Room]:
        persons = self._kind.persons + interpreted
        there = self._register.rooms_at.get(office.office, ())
        return [one for one in there if one.seats >= persons and _suits(self._wish.needs, office, one)]

    def interpreters(self, office: Office, mode: Mode) -> list[Interpreter]:
        """Return who could interpret; nobody when the language is Swedish."""
        if self._wish.language == SWEDISH:
            return []
        return [
            one
            for one in self._register.interpreters.values()
            if self._wish.language in one.languages and mode in one.modes
            and (mode is not Mode.PHYSICAL or not one.offices or office.office in one.offices)
        ]  # fmt: skip

    def has(self, one: Handler | Room | Interpreter) -> int:
        """Return the quarters from which on a part is free for as long as the meeting takes."""
        name, hours = _named(one)
        busy = self._busy.get(name, 0)
        known = self._known.get((name, self._kind.quarters))
        if known is not None and known[0] is one and known[1] == busy:
            return known[2]
        there = open_mask(hours, self._window) if hours else ones(0, self._length)
        there &= self._within(one) & ~busy
        for since, until in one.away if isinstance(one, Handler) else ():
            there &= ~self._days(since, until)
        starts = runs(there, self._kind.quarters)
        self._known[name, self._kind.quarters] = (one, busy, starts)
        return starts

    def _room(self, office: Office, mode: Mode, *, interpreted: bool) -> int:
        return -1 if mode is not Mode.PHYSICAL else self._any_of(self.rooms(office, interpreted=interpreted))

    def _all_of(self, groups: list[list[Handler]]) -> int:
        return reduce(and_, map(self._any_of, groups), -1)

    def _any_of(self, those: Sequence[Handler | Room | Interpreter]) -> int:
        return reduce(or_, map(self.has, those), 0)

    def _speaks(self, handler: Handler) -> bool:
        return self._wish.language == SWEDISH or self._wish.language in handler.languages

    def _within(self, what: Valid) -> int:
        """Return the quarters of the window in which something is there at all."""
        if what.valid_from is None and what.valid_until is None:
            return ones(0, self._length)
        return self._days(what.valid_from or date.min, what.valid_until or date.max)

    def _days(self, since: date, until: date) -> int:
        first, length = self._window.first, self._length
        begins = 0 if since <= first else min(length, self._window.bit(midnight(since)))
        ends = length if until == date.max else max(0, min(length, self._window.bit(midnight(until))))
        return ones(begins, ends)


def _is_ours(authority: Authority) -> bool:
    return authority is Authority.FORSAKRINGSKASSAN


def _suits(needs: frozenset[str], office: Office, room: Room) -> bool:
    both = needs & IN_HOUSE_AND_ROOM
    return both <= office.features & room.features and needs <= office.features | room.features


def _named(one: Handler | Room | Interpreter) -> tuple[str, Hours | None]:
    if isinstance(one, Handler):
        return resource("handler", one.handler), one.hours
    if isinstance(one, Room):
        return resource("room", one.room), None
    return resource("interpreter", one.interpreter), one.hours


def _next(of_offices: list[tuple[Office, int]], kind: MeetingType, mode: Mode, window: Window, most: int) -> list[Free]:
    left, found = reduce(or_, (mask for _, mask in of_offices), 0), list[Free]()
    while left and len(found) < most:
        lowest = left & -left
        starts_at = instant_of(window.begins + lowest.bit_length() - 1)
        here = [office for office, mask in of_offices if mask & lowest]
        ends_at = starts_at + kind.length
        found += [Free(starts_at=starts_at, ends_at=ends_at, office=one.office, mode=mode) for one in here]
        left ^= lowest
    return found[:most]
