"""What is unclear in the guidance on meetings, at the desk: agents ask and read the answers, supervisors answer (R75j)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.clock import Clock
from core.ids import AgentId
from dashboard.guidance_views import AnsweredGuidanceView, GuidanceBoardView, GuidanceView
from storage.audit import Reading, note_reading
from storage.database import Database, Transaction

ROLE = "supervisor"


class Question(Protocol):
    """What is unclear, with the answer when there is one; never with who asked."""

    @property
    def question(self) -> str: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def asked_at(self) -> datetime: ...  # noqa: D102
    @property
    def owner(self) -> str: ...  # noqa: D102
    @property
    def answer(self) -> str: ...  # noqa: D102
    @property
    def answered_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def answered_by(self) -> str: ...  # noqa: D102


class Guidance(Protocol):
    """The questions about the guidance on meetings, and who answers them."""

    async def unclear(self, kind: str, text: str) -> str:
        """Keep what is unclear about a type of meeting, and return who is to answer."""
        ...

    async def answer(self, tx: Transaction, question: str, text: str, *, role: str) -> Question:
        """Keep the answer."""
        ...

    async def waiting(self, tx: Transaction) -> Sequence[Question]:
        """Return what has no answer, the oldest first."""
        ...

    async def answered(self, tx: Transaction, kind: str = "") -> Sequence[Question]:
        """Return what has one, of a type or of all, the newest first."""
        ...

    async def number_waiting(self, tx: Transaction, kind: str) -> int:
        """Return how many questions about a type have no answer."""
        ...

    def label(self, kind: str) -> str:
        """Return the name of a type of meeting."""
        ...


class GuidanceDesk:
    """Who asked is kept nowhere; who answered stands in the chain that tells who changed what, and in the answer only the role."""

    def __init__(self, *, database: Database, clock: Clock, guidance: Guidance) -> None:
        self._database = database
        self._clock = clock
        self._guidance = guidance

    async def unclear(self, kind: str, text: str) -> str:
        """Keep what is unclear, and return who is to answer; raises as the room's own does."""
        return await self._guidance.unclear(kind, text)

    async def of_type(self, kind: str) -> AnsweredGuidanceView:
        """Return what was answered about a type, and how much of it still waits: for every agent, so also for who asked."""
        async with self._database.reading() as tx:
            found = await self._guidance.answered(tx, kind)
            return AnsweredGuidanceView(
                answered=[self._shown(one) for one in found], waiting=await self._guidance.number_waiting(tx, kind)
            )

    async def board(self) -> GuidanceBoardView:
        """Return what waits for an answer, and what was answered last."""
        async with self._database.reading() as tx:
            waiting, answered = await self._guidance.waiting(tx), await self._guidance.answered(tx)
        return GuidanceBoardView(
            waiting=[self._shown(one) for one in waiting], answered=[self._shown(one) for one in answered]
        )

    async def answer(self, me: AgentId, question: str, text: str) -> None:
        """Keep the answer; raises as the room's own does."""
        async with self._database.transaction() as tx:
            await self._guidance.answer(tx, question, text, role=ROLE)
            await note_reading(tx, Reading(reader=me, what=f"guidance_answer:{question}"[:80]), at=self._clock.now())

    def _shown(self, one: Question) -> GuidanceView:
        return GuidanceView(
            question=one.question,
            type=one.type,
            label=self._guidance.label(one.type),
            text=one.text,
            asked_at=one.asked_at,
            owner=one.owner,
            answer=one.answer,
            answered_at=one.answered_at,
            answered_by=one.answered_by,
        )
