"""Invitations: a citizen books a meeting for themselves by a link, once, as an agent has described it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from meetings import invitation_store, store
from meetings.booking import named
from meetings.changing import Changing
from meetings.errors import InvitationNotFoundError, InvitationOverError, MeetingRefusedError
from meetings.hours import local_day
from meetings.model import Choice, Free, Invitation, Meeting, Wish
from meetings.part import AHEAD_DAYS
from meetings.register import Mode, Office
from storage.database import Transaction

LASTS = timedelta(days=14)
"""For so long somebody may book by an invitation."""
OFFERED = 3
LATER = timedelta(hours=3)
"""The times that are offered together lie so far apart, so that there is something to choose from (R75d)."""
MODES = (Mode.PHYSICAL, Mode.PHONE)
"""How citizens book by themselves; with video somebody helps them."""
_LOOKED_AT = 200
_BY = "citizen"


class Inviting:
    """Makes invitations, and books by them. ``link`` returns the address of the page of one."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
        self.link: Callable[[str], str] = lambda _: ""

    async def invite(self, wish: Wish, *, by: str, key: str) -> Invitation:
        """Keep what somebody may book; the same ``key`` of the same asker is the same invitation.

        Raises :class:`MeetingRefusedError` when such a meeting cannot be had, for somebody who is not known
        (``person_unknown``), and for a protected one (``protected``): where they will be stands on no page.
        """
        if wish.person is None or wish.contact is None:
            raise MeetingRefusedError("person_unknown")
        if wish.is_protected:
            raise MeetingRefusedError("protected")
        await self._meetings.times(wish, most=1)
        now = self._meetings.clock.now()
        one = Invitation(
            invitation=f"inv_{sha256(f'{by}|{key}'.encode()).hexdigest()[:32]}",
            person=wish.person,
            contact=wish.contact,
            wish=replace(wish, offices=()),
            made_at=now,
            made_by=by[:60],
            expires_at=now + LASTS,
        )
        async with self._meetings.database.transaction() as tx:
            await invitation_store.add(tx, one)
            return await self.get(tx, one.invitation)

    async def get(self, tx: Transaction, invitation: str) -> Invitation:
        """Return an invitation; raises :class:`InvitationNotFoundError`."""
        one = await invitation_store.find(tx, invitation)
        if one is None:
            raise InvitationNotFoundError
        return one

    async def booked(self, tx: Transaction, one: Invitation) -> Meeting | None:
        """Return what was booked by an invitation, whatever became of it then."""
        return await store.find(tx, named(_BY, one.invitation))

    def is_open(self, one: Invitation) -> bool:
        """Tell whether its time is not over yet."""
        return self._meetings.clock.now() < one.expires_at

    def modes(self, one: Invitation) -> Sequence[Mode]:
        """Return how the citizen may choose to meet; none when the type is no more."""
        kind = self._meetings.register.types.get(one.wish.type)
        if one.wish.mode is not None or kind is None:
            return [one.wish.mode] if one.wish.mode is not None else []
        return [mode for mode in kind.modes if mode in MODES]

    def offices(self, one: Invitation) -> Sequence[Office]:
        """Return where there are such meetings today, by name."""
        kind = self._meetings.register.types.get(one.wish.type)
        today = local_day(self._meetings.clock.now())
        every = self._meetings.register.offices.values()
        there = [office for office in every if kind and office.is_valid(on=today) and office.offers(kind)]
        return sorted(there, key=lambda office: office.name)

    def nearest(self, one: Invitation, postcode: str) -> str:
        """Return the office with such meetings that is nearest to a postcode; ``""`` when there is none."""
        there = {office.office for office in self.offices(one)}
        return next((office for office in self._meetings.nearest(postcode) if office in there), "")

    async def times(self, one: Invitation, office: str, mode: Mode, *, after: datetime | None = None) -> Sequence[Free]:
        """Return the next three times that lie apart, at an office, not before ``after``; fewer when there are no more.

        Raises as :meth:`~meetings.part.Part.times`.
        """
        now = self._meetings.clock.now()
        if after is not None and after > now + timedelta(days=AHEAD_DAYS):
            return ()
        choice = Choice(starts_at=after, office=office, mode=mode) if after else None
        wish = replace(one.wish, offices=(office,), mode=mode)
        return _apart(await self._meetings.times(wish, most=_LOOKED_AT, choice=choice))

    async def book(self, one: Invitation, choice: Choice) -> Meeting:
        """Book by an invitation; whoever does it twice has the one meeting.

        Raises :class:`InvitationOverError`, and as :meth:`~meetings.booking.Booking.book`.
        """
        async with self._meetings.database.reading() as tx:
            known = await self.booked(tx, one)
        if known is not None:
            return known
        if not self.is_open(one):
            raise InvitationOverError
        wish = replace(one.wish, offices=(choice.office,), mode=choice.mode)
        return await self._meetings.book(wish, choice, by=_BY, key=one.invitation)


def _apart(found: Sequence[Free]) -> Sequence[Free]:
    chosen: list[Free] = []
    for one in sorted(found, key=lambda free: free.starts_at):
        if not chosen or one.starts_at >= chosen[-1].starts_at + LATER:
            chosen.append(one)
    return chosen[:OFFERED]
