"""How a citizen is called to a meeting: the kallelse, written once for each change of it."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

from core.language import Language
from core.phone import PhoneNumber
from meetings import letter_store, store
from meetings.changing import Changing
from meetings.events import KallelseMade
from meetings.kallelse import Kallelse, Method, Words, compose
from meetings.model import Meeting, MeetingId, State
from storage.database import Transaction


@cache
def load_words() -> Mapping[Language, Words]:
    """Read the words of every language from the files beside this one."""
    folder = Path(__file__).parent / "words"
    return {Language(file.stem): tomllib.loads(file.read_text("utf-8")) for file in folder.glob("*.toml")}


class Letters:
    """The kallelser of meetings.

    ``routed`` tells which numbers come in to us and are put through, and ``link`` the address of a meeting's page, or
    ``""`` while there is none; both are handed in when all rooms are there.
    """

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
        self.routed: Callable[[], Collection[PhoneNumber]] = tuple
        self.link: Callable[[MeetingId], str] = lambda _: ""

    async def make(self, meeting: MeetingId, *, method: Method = Method.REQUEST) -> Kallelse | None:
        """Write the kallelse of a meeting as it is now, once for each change of it, and tell that it is there.

        ``None`` when there is nothing to call to, or to cancel, any more. Raises :class:`MeetingNotFoundError`,
        :class:`NoDirectNumberError` and :class:`NumberNotRoutedError`: then nothing is written (N6).
        """
        cancels = method is Method.CANCEL
        async with self._meetings.database.transaction() as tx:
            row = await store.find(tx, meeting, to_change=True) or await self._meetings.get(tx, meeting)
            if row.state is not (State.CANCELLED if cancels else State.BOOKED):
                return None
            known = await letter_store.find(tx, meeting, row.sequence + cancels, method)
            if known is not None:
                return known
            made = self.compose(row, method=method)
            now = self._meetings.clock.now()
            await letter_store.add(tx, made, at=now)
            fact = KallelseMade(
                occurred_at=now, meeting=meeting, contact=row.contact, sequence=made.sequence, method=str(method)
            )
            await tx.record(fact)
        return made

    def compose(self, row: Meeting, *, method: Method = Method.REQUEST) -> Kallelse:
        """Return what a kallelse would say just now; raises as :meth:`make`."""
        return compose(
            row,
            method=method,
            register=self._meetings.register,
            about=self._meetings.policy.about[row.type],
            words=load_words(),
            routed=self.routed(),
            link=self.link(row.meeting),
        )

    async def newest(self, tx: Transaction, meeting: MeetingId) -> Kallelse | None:
        """Return what was last written to whoever a meeting is with; ``None`` when nothing was."""
        return await letter_store.newest(tx, meeting)
