"""What is unclear in the guidance on meetings: told by whoever stumbles over it, and answered by its owner (R75j)."""

from collections.abc import Sequence

from contacts.text import several_lines
from core.language import Language
from meetings import guidance_store as store
from meetings.changing import Changing
from meetings.errors import AnswerMissingError, QuestionNotFoundError, UnknownMeetingTypeError
from meetings.events import GuidanceUnclear
from meetings.model import GuidanceQuestion
from storage.database import Transaction

LONGEST = 2_000
"""Characters, of a question and of an answer."""
MOST = 200
"""So many that wait for an answer are listed."""
SHOWN = 20
"""So many answers are."""


class Guidance:
    """Questions about the guidance. No row says who asked: it is the guidance that is looked at, and nobody else (N1).

    So an answer is for everybody: whoever asked finds it where they asked, and so does the next one with the same question.
    """

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
            asked = GuidanceQuestion(question=question, type=kind, text=said, asked_at=now, owner=owner)
            async with self._meetings.database.transaction() as tx:
                await store.add(tx, asked)
                await tx.record(GuidanceUnclear(occurred_at=now, question=question))
        return owner

    async def answer(self, tx: Transaction, question: str, text: str, *, role: str) -> GuidanceQuestion:
        """Keep the owner's answer, when it was given and in which role; a better one takes its place, the same is none.

        Raises :class:`QuestionNotFoundError`, and :class:`AnswerMissingError` for blank text.
        """
        said = several_lines(text, most=LONGEST)
        if not said:
            raise AnswerMissingError
        row = await store.find(tx, question)
        if row is None:
            raise QuestionNotFoundError
        if row.answer != said:
            await store.answer(tx, question, said, at=self._meetings.clock.now(), role=role[:20])
            row = await store.find(tx, question) or row
        return row

    async def waiting(self, tx: Transaction) -> Sequence[GuidanceQuestion]:
        """Return what has no answer, the oldest first. The text is of agents, so it is hostile to whoever shows it."""
        return await store.waiting(tx, most=MOST)

    async def answered(self, tx: Transaction, kind: str = "") -> Sequence[GuidanceQuestion]:
        """Return what has been answered about a type, or about all, the newest first."""
        return await store.answered(tx, kind=kind, most=SHOWN)

    async def number_waiting(self, tx: Transaction, kind: str) -> int:
        """Return how many questions about a type wait for an answer."""
        return await store.number_waiting(tx, kind)

    def label(self, kind: str) -> str:
        """Return the Swedish name of a type; the word itself for one that is no more."""
        known = self._meetings.register.types.get(kind)
        return known.label[Language.SWEDISH] if known else kind
