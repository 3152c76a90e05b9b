"""What agents ask of meetings, in plain values: the desk stands without this room, and so names none of its types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from core.ids import AgentId, ContactId, PersonId
from core.language import Language
from core.phone import PhoneNumber
from meetings import store
from meetings.changing import Changing, wish_of
from meetings.errors import MeetingOverError, MeetingRefusedError
from meetings.hours import Window, local_day
from meetings.inviting import Inviting
from meetings.kallelse import as_text
from meetings.letters import Letters
from meetings.model import Choice, Free, Meeting, MeetingId, State, Wish
from meetings.preparing import Preparing
from meetings.register import Asker, MeetingType, Mode, Office
from storage.database import Transaction

DAYS = 14
"""So far ahead an agent sees their own meetings."""
SEPARATELY = 5
"""So many times are shown of a separate meeting."""


class Asked(Protocol):
    """What an agent asks for, for a citizen; as :class:`~meetings.model.Wish`, in plain words."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def matter(self) -> str: ...  # noqa: D102
    @property
    def person(self) -> PersonId | None: ...  # noqa: D102
    @property
    def contact(self) -> ContactId | None: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def needs(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def mode(self) -> str: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def postcode(self) -> str: ...  # noqa: D102
    @property
    def handler(self) -> AgentId | None: ...  # noqa: D102
    @property
    def given(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def about_decision(self) -> bool: ...  # noqa: D102
    @property
    def is_protected(self) -> bool: ...  # noqa: D102


class At(Protocol):
    """The time, place and mode that an agent chose."""

    @property
    def starts_at(self) -> datetime: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def mode(self) -> str: ...  # noqa: D102


class Taken(Protocol):
    """Who and what a meeting takes."""

    @property
    def staff(self) -> Sequence[AgentId]: ...  # noqa: D102
    @property
    def room(self) -> str | None: ...  # noqa: D102


class Row(Protocol):
    """A meeting, as far as the register says something about it."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def parts(self) -> Taken: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class About:
    """What stands in the register about a meeting: its type, its place, who holds it, and their direct number."""

    label: str
    office: str
    address: str
    room: str
    staff: tuple[str, ...]
    number: PhoneNumber | None
    others: tuple[str, ...]
    separately: str


class AtDesk:
    """Meetings as agents work with them; each method is a transaction of its own, unless it takes one."""

    def __init__(self, meetings: Changing, *, letters: Letters, preparing: Preparing, inviting: Inviting) -> None:
        self._meetings = meetings
        self._letters = letters
        self._preparing = preparing
        self._inviting = inviting

    def kinds(self) -> Sequence[MeetingType]:
        """Return the types of meeting that an agent may ask for today."""
        today = self._today()
        every = self._meetings.register.types.values()
        return [one for one in every if Asker.AGENT in one.asked_by and one.is_valid(on=today)]

    def offices(self) -> Sequence[Office]:
        """Return the offices that there are today."""
        return [one for one in self._meetings.register.offices.values() if one.is_valid(on=self._today())]

    def languages(self) -> Sequence[str]:
        """Return the languages in which we can meet somebody, with an interpreter or without."""
        register = self._meetings.register
        spoken = [one.languages for one in register.handlers.values()]
        return sorted(frozenset().union(*spoken, *(one.languages for one in register.interpreters.values())))

    def needs(self) -> Sequence[str]:
        """Return what may be asked of a house or a room: ``step_free``, ``hearing_loop``."""
        register = self._meetings.register
        houses = [one.features for one in register.offices.values()]
        return sorted(frozenset().union(*houses, *(one.features for one in register.rooms.values())))

    def about(self, row: Row) -> About:
        """Return what the register says today about a meeting; what is no longer in it is left empty."""
        register = self._meetings.register
        kind, office = register.types.get(row.type), register.offices.get(row.office)
        staff = [register.handlers[one] for one in row.parts.staff if one in register.handlers]
        return About(
            label=_label(kind) or row.type,
            office=office.name if office else "",
            address=office.address if office else "",
            room=row.parts.room or "",
            staff=tuple(one.name for one in staff),
            number=staff[0].number if staff else None,
            others=kind.others if kind else (),
            separately=_label(register.types.get(kind.separately)) if kind and kind.separately else "",
        )

    async def times(self, asked: Asked, *, most: int) -> Sequence[Free]:
        """Return the next free times: at the office that is nearest, or anywhere when it has none.

        Raises as :meth:`~meetings.part.Part.times`.
        """
        wish = self._wish(asked)
        nearest = await self._meetings.times(replace(wish, offices=wish.offices[:1]), most=most)
        return nearest or await self._meetings.times(wish, most=most)

    async def invite(self, asked: Asked, *, by: str, key: str) -> tuple[str, datetime]:
        """Return the link by which a citizen books such a meeting for themselves, and until when it works.

        Raises as :meth:`~meetings.inviting.Inviting.invite`.
        """
        made = await self._inviting.invite(self._wish(asked), by=by, key=key)
        return self._inviting.link(made.invitation), made.expires_at

    async def hold(self, asked: Asked, at: At, *, by: str, key: str) -> Meeting:
        """Hold a time for five minutes; raises as :meth:`~meetings.booking.Booking.hold`."""
        return await self._meetings.hold(self._wish(asked), _choice(at), by=by, key=key)

    async def confirm(self, meeting: str) -> Meeting:
        """Book what is held; raises as :meth:`~meetings.booking.Booking.confirm`."""
        return await self._meetings.confirm(MeetingId(meeting))

    async def times_to_move(self, meeting: str, *, most: int) -> Sequence[Free]:
        """Return the next times to which a booked meeting can be moved, at its own office first in line."""
        row = await self._booked(meeting)
        wish = replace(wish_of(row, self._meetings.register.types[row.type]), offices=(row.office,))
        return await self._meetings.times(wish, most=most)

    async def move(self, meeting: str, at: At, *, by: str, expected: int) -> Meeting:
        """Give a meeting another time; raises as :meth:`~meetings.changing.Changing.move`."""
        return await self._meetings.move(MeetingId(meeting), _choice(at), by=by, expected=expected)

    async def cancel(self, meeting: str, *, by: str, expected: int | None = None) -> Meeting:
        """Note that a meeting, or a time that is held, is not wanted; raises as :meth:`~meetings.changing.Changing.cancel`."""
        return await self._meetings.cancel(MeetingId(meeting), by=by, expected=expected)

    async def missed(self, meeting: str) -> Meeting:
        """Note that the citizen did not come; raises as :meth:`~meetings.changing.Changing.missed`."""
        return await self._meetings.missed(MeetingId(meeting))

    async def times_separately(self, meeting: str) -> Sequence[Free]:
        """Return the next times of the separate meeting in which a decision is discussed (R73), after this one.

        Raises :class:`MeetingRefusedError` for a meeting in which a decision may be discussed as it is.
        """
        row, wish = await self._separately(meeting)
        after = Choice(starts_at=row.ends_at, office=row.office, mode=row.mode)
        return await self._meetings.times(wish, most=SEPARATELY, choice=after)

    async def book_separately(self, meeting: str, at: At, *, by: str, key: str) -> Meeting:
        """Book the separate meeting in which a decision is discussed (R73)."""
        _, wish = await self._separately(meeting)
        return await self._meetings.book(wish, _choice(at), by=by, key=key)

    async def get(self, tx: Transaction, meeting: str) -> Meeting:
        """Return a meeting; raises :class:`~meetings.errors.MeetingNotFoundError`."""
        return await self._meetings.get(tx, MeetingId(meeting))

    async def kallelse(self, tx: Transaction, meeting: str) -> str:
        """Return in words what was last written to whoever a meeting is with; ``""`` when nothing was."""
        made = await self._letters.newest(tx, MeetingId(meeting))
        return as_text(made) if made else ""

    async def answers(self, tx: Transaction, meeting: str) -> Mapping[str, str]:
        """Return what was answered to the questions of the kallelse, by question."""
        return await self._preparing.answers(tx, MeetingId(meeting))

    async def of_handler(self, tx: Transaction, handler: AgentId) -> Sequence[Meeting]:
        """Return whom somebody meets: what is booked until two weeks from now and not closed, and all of today."""
        today = Window(self._today(), 1)
        return await store.of_handler(
            tx, handler, today=(today.begins, today.ends), until=Window(self._today(), DAYS).ends
        )

    async def of_citizen(self, tx: Transaction, *, contact: ContactId, person: PersonId | None) -> Sequence[Meeting]:
        """Return the booked meetings that have not ended of whom a contact is with; those of the contact when they are nobody known."""
        return await store.of_citizen(tx, contact=contact, person=person, after=self._meetings.clock.now())

    async def _separately(self, meeting: str) -> tuple[Meeting, Wish]:
        async with self._meetings.database.reading() as tx:
            row = await self.get(tx, meeting)
        kind = self._meetings.register.types[row.type]
        if not kind.separately:
            raise MeetingRefusedError("no_separate_meeting")
        plain = ("matter", "person", "contact", "language", "needs", "is_protected")
        return row, Wish(
            **{name: getattr(row, name) for name in plain},
            type=kind.separately,
            asked_by=Asker.AGENT,
            offices=(row.office,),
            about_decision=True,
        )

    async def _booked(self, meeting: str) -> Meeting:
        async with self._meetings.database.reading() as tx:
            row = await self.get(tx, meeting)
        if row.state is not State.BOOKED:
            raise MeetingOverError
        return row

    def _wish(self, asked: Asked) -> Wish:
        plain = (
            "type",
            "matter",
            "person",
            "contact",
            "language",
            "needs",
            "handler",
            "about_decision",
            "is_protected",
        )
        return Wish(
            **{name: getattr(asked, name) for name in plain},
            given=asked.given,
            asked_by=Asker.AGENT,
            mode=Mode(asked.mode) if asked.mode else None,
            offices=(asked.office,) if asked.office else self._meetings.nearest(asked.postcode),
        )

    def _today(self) -> date:
        return local_day(self._meetings.clock.now())


def _choice(at: At) -> Choice:
    return Choice(starts_at=at.starts_at, office=at.office, mode=Mode(at.mode))


def _label(kind: MeetingType | None) -> str:
    return kind.label[Language.SWEDISH] if kind else ""
