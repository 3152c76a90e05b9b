"""What every part of the service stands on: the database, the clock, the register, and how parts of a meeting are taken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from contacts.service import Contacts
from core.clock import Clock
from core.ids import NewId
from meetings import store
from meetings.diaries import Diaries
from meetings.errors import (
    MeetingNotFoundError,
    MeetingRefusedError,
    TimeTakenError,
    UnknownMeetingTypeError,
    UnknownOfficeError,
)
from meetings.hours import Window, instant_of, local_day, ones, quarter_of
from meetings.model import HOLD, Choice, Free, Meeting, MeetingId, Parts, State, Wish
from meetings.policy import Policy
from meetings.register import MeetingType, Register
from meetings.rules import refusal
from meetings.search import Known, free, parts_at, resource, resources
from storage.database import Database, Transaction

SOONEST = timedelta(hours=2)
"""Nobody is called to a meeting sooner: both sides have to get there."""
AHEAD_DAYS = 90
"""So far ahead meetings can be booked."""
INTERPRETERS = "interpreters"
"""The diary of those who interpret, wherever that is; no office has this name."""


class Part:
    """What every part of the service stands on."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_id: NewId,
        contacts: Contacts,
        register: Register,
        policy: Policy,
    ) -> None:
        self.database = database
        self.contacts = contacts
        self.policy = policy
        self.clock = clock
        self.new_id = new_id
        self.register = register
        self._diaries = Diaries(database)
        self._known: tuple[Window | None, Known] = (None, {})

    def renew(self, register: Register, policy: Policy) -> None:
        """Go by other offices, types and wording from now on; what is booked stays booked."""
        self.register, self.policy = register, policy

    async def times(self, wish: Wish, *, most: int = 10, choice: Choice | None = None) -> Sequence[Free]:
        """Return the next times that are free; with a ``choice``, those not before it.

        Raises :class:`UnknownMeetingTypeError`, :class:`UnknownOfficeError`, and :class:`MeetingRefusedError` when such
        a meeting cannot be had for that.
        """
        now = self.clock.now()
        soonest = now + SOONEST
        kind = self._kind(wish)
        self._refuse_by_rule(kind, wish, on=max(local_day(soonest), kind.valid_from or date.min))
        window = Window(local_day(now), AHEAD_DAYS)
        busy = await self._diaries.busy(window, now=now)
        earliest = max(soonest, choice.starts_at) if choice else soonest
        if self._known[0] != window:
            self._known = (window, {})
        known = self._known[1]
        return free(self.register, kind, wish, window=window, busy=busy, earliest=earliest, most=most, known=known)

    def nearest(self, postcode: str) -> tuple[str, ...]:
        """Return the offices that there are today, those near a postcode first; none for no postcode."""
        today = local_day(self.clock.now())
        return tuple(one.office for one in self.register.nearest(postcode, on=today)) if postcode else ()

    async def get(self, tx: Transaction, meeting: MeetingId) -> Meeting:
        """Return a meeting; raises :class:`MeetingNotFoundError`."""
        return await self._find(tx, meeting)

    def _kind(self, wish: Wish) -> MeetingType:
        for office in wish.offices:
            if office not in self.register.offices:
                raise UnknownOfficeError
        if wish.type not in self.register.types:
            raise UnknownMeetingTypeError
        return self.register.types[wish.type]

    def _refuse_by_rule(self, kind: MeetingType, wish: Wish, *, on: date) -> None:
        refused = refusal(self.register, kind, wish, on=on)
        if refused is not None:
            reason, instead = refused
            raise MeetingRefusedError(reason, instead=instead)

    def _wanted(self, wish: Wish, choice: Choice) -> MeetingType:
        kind = self._kind(replace(wish, offices=(*wish.offices, choice.office)))
        self._refuse_by_rule(kind, wish, on=local_day(choice.starts_at))
        return kind

    async def _find(self, tx: Transaction, meeting: MeetingId, *, to_change: bool = False) -> Meeting:
        row = await store.find(tx, meeting, to_change=to_change)
        if row is None:
            raise MeetingNotFoundError(meeting)
        return row

    async def _open_diaries(self, tx: Transaction, names: Sequence[str], offices: Collection[str]) -> Mapping[str, int]:
        """Turn the pages of every diary in which somebody of these stands, and let go there of what has lapsed.

        Until the transaction ends nobody else takes any of them. It comes before anything else is locked.
        """
        of_handlers = {
            office
            for one in self.register.handlers.values()
            if resource("handler", one.handler) in names
            for office in one.offices
        }
        interpreted = {INTERPRETERS} if any(name.startswith("interpreter:") for name in names) else set[str]()
        pages = await store.turn_page(tx, {*offices, *of_handlers, *interpreted})
        for row in await store.lapsed_at(tx, pages, now=self.clock.now()):
            await self._lapse(tx, row, page=pages[row.office])
        return pages

    async def _lapse(self, tx: Transaction, row: Meeting, *, page: int) -> None:
        over = replace(row, state=State.LAPSED, held_until=None, ended_at=self.clock.now(), version=row.version + 1)
        await store.give_back(tx, row.meeting)
        await store.change(tx, over, page=page)

    async def _choose(
        self, tx: Transaction, wish: Wish, choice: Choice, names: Sequence[str], *, moved: Meeting | None = None
    ) -> Parts:
        """Return who and what is to take a time; raises :class:`TimeTakenError`. Whoever had it before a move comes first."""
        kind, now = self.register.types[wish.type], self.clock.now()
        day = Window(local_day(choice.starts_at), 1)
        first = quarter_of(choice.starts_at)
        is_ahead = now + SOONEST <= choice.starts_at and day.first < local_day(now) + timedelta(days=AHEAD_DAYS)
        if not is_ahead or choice.starts_at != instant_of(first):
            raise TimeTakenError
        then = (first, first + kind.quarters)
        own = moved.meeting if moved else ""
        taken = await store.taken(tx, names, day=(day.begins, day.ends), then=then, leaving_out=own)
        before = resources(moved.parts, None) if moved else []
        busy = {
            name: ones(day.bit(first), day.bit(first) + kind.quarters)
            for name, (_, is_taken) in taken.items()
            if is_taken
        }

        def prefer(name: str) -> tuple[int, str]:
            return (-1 if name in before else taken.get(name, (0, False))[0]), name

        parts = parts_at(self.register, kind, wish, choice, window=day, busy=busy, prefer=prefer)
        if parts is None:
            raise TimeTakenError
        return parts

    async def _take(self, tx: Transaction, row: Meeting) -> None:
        names = resources(row.parts, row.person)
        await store.take(tx, row.meeting, names, first=quarter_of(row.starts_at), quarters=row.quarters)

    def _new(self, meeting: MeetingId, wish: Wish, choice: Choice, parts: Parts, *, by: str) -> Meeting:
        kind, now = self.register.types[wish.type], self.clock.now()
        plain = ("type", "asked_by", "matter", "person", "contact", "language", "needs", "handler", "is_protected")
        return Meeting(
            **{name: getattr(wish, name) for name in plain},
            meeting=meeting,
            state=State.HELD,
            mode=choice.mode,
            office=choice.office,
            parts=parts,
            starts_at=choice.starts_at,
            ends_at=choice.starts_at + kind.length,
            quarters=kind.quarters,
            made_at=now,
            held_until=now + HOLD,
            by=by[:60],
        )
