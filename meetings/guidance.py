"""What is unclear in the guidance on meetings: told by whoever stumbles over it, for the owner to answer (R75j)."""

from contacts.text import several_lines
from meetings import following_store
from meetings.changing import Changing
from meetings.errors import UnknownMeetingTypeError
from meetings.events import GuidanceUnclear

LONGEST = 2_000
"""Characters."""


class Guidance:
    """Questions about the guidance. No row says who asked: it is the guidance that is looked at, and nobody else (N1)."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings

    async def unclear(self, kind: str, text: str) -> str:
        """Keep what is unclear about a type of meeting, tell that it is there, and return who is to answer.

        Blank text is no question, and keeps nothing. Raises :class:`UnknownMeetingTypeError`.
        """
        if kind not in self._meetings.register.types:
            raise UnknownMeetingTypeError
        said, owner = several_lines(text, most=LONGEST), self._meetings.policy.guidance_owner
        if said:
            question, now = self._meetings.new_id("gui"), self._meetings.clock.now()
            async with self._meetings.database.transaction() as tx:
                await following_store.ask_guidance(tx, question, kind=kind, text=said, asked_at=now, owner=owner)
                await tx.record(GuidanceUnclear(occurred_at=now, question=question))
        return owner
