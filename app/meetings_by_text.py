"""Books, moves and cancels meetings with whoever writes. What 1, 2 and 3 mean stands in a table, what was asked in the room
of texts; a text that is looked at twice does nothing twice (I-19)."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.booked_meetings import BY_TEXT, Books, Free, Meeting, Offer, State, TimeTakenError, Who, by_phone, refused
from app.meeting_texts import short_place
from core.ids import ContactId
from core.phone import grouped
from ivr.model import Time
from ivr.promised import worth_saying

if TYPE_CHECKING:
    from app.wiring import Rooms
    from identity.binding import Binding
    from sms.service import Received

Said = tuple[str, Mapping[str, str | datetime]]
"""The name of a text, and its values; an instant is written as a day and an hour."""
OFFERED = 3
LATER = timedelta(hours=3)
"""Other times are those that lie so long after the last that was offered."""
_POSTCODE = re.compile(r"\b([1-9][0-9]{2}) ?([0-9]{2})\b")
_BOOK, _MOVE, _CANCEL = "book", "move", "cancel"
_WHICH = {_MOVE: "which_move", _CANCEL: "which_end"}
_ASKED = {_BOOK: "meeting_times", _MOVE: "meeting_new_times"}


class MeetingsByText:
    """Answers what somebody writes about meetings whose number it is, and who is not protected."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._books = Books(rooms)

    async def __call__(self, received: "Received", whose: "Binding", contact: ContactId) -> Said:
        """Do what a text says, and return what is answered. Raises ``UnavailableError`` when nobody can tell or book now."""
        who = Who(
            person=whose.person, subject=whose.subject, contact=contact, language=whose.language, is_protected=False
        )
        text = _Text(self._rooms, self._books, received, who)
        return await _DO[str(received.keyword)](text)


class _Text:
    """One text that is about meetings."""

    def __init__(self, rooms: "Rooms", books: Books, received: "Received", who: Who) -> None:
        self._rooms, self._books, self._received, self._who = rooms, books, received, who

    # --- what a word begins -------------------------------------------------------------------------------------------

    async def book(self) -> Said:
        found = _POSTCODE.search(self._received.text)
        office = self._books.nearest("".join(found.groups())) if found else None
        if office is None:
            return "meeting_where", {}
        return await self._offer(_BOOK, office, await self._books.times(self._who, office))

    async def move(self) -> Said:
        return await self._begin(_MOVE)

    async def cancel(self) -> Said:
        return await self._begin(_CANCEL)

    async def _begin(self, act: str) -> Said:
        every = await self._coming()
        if not every:
            return "meeting_none_booked", {}
        if len(every) == 1:
            return await self._of_one(act, every[0])
        first, second = every[:2]
        await self._remember(_WHICH[act], "", (first.meeting, second.meeting))
        return "meeting_which", {"one": first.starts_at, "two": second.starts_at}

    async def _of_one(self, act: str, row: Meeting) -> Said:
        if act == _CANCEL:
            await self._remember(_CANCEL, row.meeting, ())
            return "meeting_sure", {"one": row.starts_at}
        return await self._offer(_MOVE, row.meeting, await self._books.other_times(row))

    # --- what a number answers ----------------------------------------------------------------------------------------

    async def first(self) -> Said:
        return await self._chosen(0)

    async def second(self) -> Said:
        return await self._chosen(1)

    async def third(self) -> Said:
        return await self._chosen(2)

    async def _chosen(self, number: int) -> Said:
        offer = await self._offered()
        if offer is None or number >= len(offer.choices):
            return await self.book()
        choice = offer.choices[number]
        for act, which in _WHICH.items():
            if offer.act == which:
                row = await self._books.own(self._who, choice)
                return await (self._of_one(act, row) if row and row.state is State.BOOKED else self._begin(act))
        return await self._take(offer, datetime.fromisoformat(choice))

    async def others(self) -> Said:
        offer = await self._offered()
        if offer is None or not offer.choices:
            return await self.book()
        after = datetime.fromisoformat(offer.choices[-1]) + LATER
        return await self._offer(offer.act, offer.about, await self._times(offer, after=after))

    async def sure(self) -> Said:
        row = await self._about(_CANCEL)
        if row is None or row.state not in (State.BOOKED, State.CANCELLED):
            return await self.cancel()
        await self._rooms.meetings.cancel(row.meeting, by=BY_TEXT)
        return "meeting_cancelled", {"at": row.starts_at}

    async def not_sure(self) -> Said:
        row = await self._about(_CANCEL)
        if row is None or row.state is not State.BOOKED:
            return "meeting_none_booked", {}
        return "meeting_kept", {"one": row.starts_at}

    async def _take(self, offer: Offer, starts_at: datetime) -> Said:
        try:
            if offer.act == _BOOK:
                with refused():
                    row = await self._books.book(
                        self._who, offer.about, starts_at, by=BY_TEXT, key=self._received.received
                    )
                return ("meeting_booked_phone" if by_phone(row) else "meeting_booked"), self._values(row)
            mine = await self._about(_MOVE)
            if mine is None or mine.state is not State.BOOKED:
                return "meeting_none_booked", {}
            return "meeting_moved", self._values(await self._books.move(mine, starts_at, by=BY_TEXT))
        except TimeTakenError:
            return await self._offer(offer.act, offer.about, await self._times(offer, after=starts_at), taken=True)

    # --- what is offered ----------------------------------------------------------------------------------------------

    async def _times(self, offer: Offer, *, after: datetime) -> Sequence[Free]:
        if offer.act == _BOOK:
            return await self._books.times(self._who, offer.about, after=after)
        row = await self._books.own(self._who, offer.about)
        return await self._books.other_times(row, after=after) if row else ()

    async def _offer(self, act: str, about: str, found: Sequence[Free], *, taken: bool = False) -> Said:
        times = self._three(found)
        if not times:
            return "meeting_none_free", {}
        await self._remember(act, about, tuple(at.isoformat() for at in times))
        one, two, three = times
        values: dict[str, str | datetime] = {
            "one": one,
            "two": two,
            "three": three,
            "place": short_place(self._rooms.meetings.register, found[0]),
        }
        return ("meeting_taken" if taken else _ASKED[act]), values

    def _three(self, found: Sequence[Free]) -> Sequence[datetime]:
        """Choose three times that lie apart, or the next three; nobody is asked to choose from fewer (R75d)."""
        every = [Time(starts_at=one.starts_at, ends_at=one.ends_at) for one in found]
        apart = worth_saying(every, at=self._rooms.clock.now())
        few = apart if len(apart) >= OFFERED else every
        return [one.starts_at.astimezone(UTC) for one in few[:OFFERED]] if len(few) >= OFFERED else []

    async def _remember(self, act: str, about: str, choices: tuple[str, ...]) -> None:
        offer = Offer(act=act, about=about, choices=choices, made_at=self._rooms.clock.now())
        await self._books.remember(self._received.number, offer)

    async def _offered(self) -> Offer | None:
        """Return what was offered; the question itself lapses in the room of texts."""
        return await self._books.offered(self._received.number)

    async def _about(self, act: str) -> Meeting | None:
        offer = await self._offered()
        return await self._books.own(self._who, offer.about) if offer and offer.act == act else None

    async def _coming(self) -> Sequence[Meeting]:
        """Return what texts may tell of: what has not begun; a meeting of somebody who was protected then is not told."""
        now = self._rooms.clock.now()
        return [row for row in await self._books.coming(self._who) if row.starts_at > now and not row.is_protected]

    def _values(self, row: Meeting) -> Mapping[str, str | datetime]:
        handler = self._books.handler(row)
        direct = grouped(handler.number) if handler else self._rooms.sms.own_number
        return {"at": row.starts_at, "place": short_place(self._rooms.meetings.register, row), "direct": direct}


_DO: Mapping[str, Callable[[_Text], Awaitable[Said]]] = {
    "book": _Text.book,
    "postcode": _Text.book,
    "move": _Text.move,
    "cancel": _Text.cancel,
    "time_1": _Text.first,
    "time_2": _Text.second,
    "time_3": _Text.third,
    "other_times": _Text.others,
    "sure": _Text.sure,
    "not_sure": _Text.not_sure,
}
"""What was understood → what is done."""
