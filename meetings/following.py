"""What is asked some days after a meeting of whoever has said yes to that, and what they answered (R75h)."""

from collections.abc import Sequence
from datetime import datetime

from contacts.text import several_lines
from meetings import follow_up_store as store
from meetings.changing import Changing
from meetings.model import ConsentKind, Meeting, MeetingId
from meetings.preparing import Preparing
from storage.database import Transaction

LONGEST_ANSWER = 1000
"""Characters."""


class Following:
    """What follows on meetings. An answer is kept with the type of meeting and with nobody's name (N1)."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
        self._preparing = Preparing(meetings)

    async def to_ask(self, tx: Transaction, meeting: str) -> Meeting | None:
        """Return a meeting about which somebody has said yes to be asked, and has not taken it back; else ``None``."""
        said = (await self._preparing.consents(tx, MeetingId(meeting))).get(ConsentKind.FOLLOW_UP)
        return await self._meetings.get(tx, MeetingId(meeting)) if said is not None and said.stands else None

    async def may_be_asked(self, row: Meeting) -> None:
        """Keep the yes of whoever is to be asked afterwards. Raises :class:`MeetingOverError`."""
        async with self._meetings.database.transaction() as tx:
            await self._preparing.consent(tx, row, kind=ConsentKind.FOLLOW_UP, given=True, by="citizen")

    async def ask(self, tx: Transaction, row: Meeting) -> datetime:
        """Note that somebody is asked about a meeting, and return when: the days of ``follow_up_days`` after its end."""
        at = row.ends_at + self._meetings.policy.follow_up
        await store.add(tx, row.meeting, row.type, asked_at=at)
        return at

    async def answered(self, meeting: str, text: str) -> bool:
        """Keep what was answered in own words, at most 1,000 characters, once; ``False`` when it was answered before."""
        said = several_lines(text, most=LONGEST_ANSWER)
        async with self._meetings.database.transaction() as tx:
            return await store.answer(tx, MeetingId(meeting), said, at=self._meetings.clock.now())

    async def answers(self, tx: Transaction, *, limit: int = 200) -> Sequence[tuple[str, str]]:
        """Return the newest answers with the type of meeting, in the citizens' own words."""
        return await store.answers(tx, limit=limit)
