"""What the citizen answers and consents to before a meeting (R65, R72). Nothing of it is needed to come."""

from collections.abc import Mapping
from dataclasses import dataclass

from contacts.text import several_lines
from meetings import preparing_store as store
from meetings.changing import Changing
from meetings.errors import MeetingOverError, UnknownQuestionError
from meetings.events import PreparationGiven
from meetings.model import Consent, ConsentKind, Meeting, MeetingId, State
from meetings.policy import About
from storage.database import Transaction

LONGEST_ANSWER = 1000
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What is there before a meeting."""

    answers: Mapping[str, str]
    consents: Mapping[ConsentKind, Consent]


class Preparing:
    """The preparation of meetings. Each method takes the transaction in which it happens."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings

    def about(self, row: Meeting) -> About | None:
        """Return what the type of a meeting is for, with its questions."""
        return self._meetings.policy.about.get(row.type)

    async def answer(self, tx: Transaction, row: Meeting, question: str, text: str, *, channel: str) -> None:
        """Keep what the citizen answers, at most 1,000 characters; an empty answer takes the last one back.

        ``channel`` is ``page``, ``phone`` or ``desk``. Raises :class:`UnknownQuestionError` for a question that the type
        does not have, :class:`MeetingOverError` when there is nothing to prepare for any more.
        """
        self._refuse_when_over(row)
        about = self.about(row)
        if about is None or question not in {one.question for one in about.questions}:
            raise UnknownQuestionError
        said = several_lines(text, most=LONGEST_ANSWER)
        if (await self.answers(tx, row.meeting)).get(question, "") == said:
            return
        if said:
            now = self._meetings.clock.now()
            await store.keep_answer(tx, row.meeting, question, answer=said, given_at=now, channel=channel[:10])
        else:
            await store.drop_answer(tx, row.meeting, question)
        await self._tell(tx, row)

    async def answers(self, tx: Transaction, meeting: MeetingId) -> Mapping[str, str]:
        """Return what was answered, by question."""
        return await store.answers_of(tx, meeting)

    async def is_prepared(self, tx: Transaction, meeting: MeetingId) -> bool:
        """Tell whether the citizen has thought of the meeting before: has answered, or is asked nothing (R27)."""
        about = self.about(await self._meetings.get(tx, meeting))
        return about is None or not about.questions or bool(await self.answers(tx, meeting))

    async def consent(self, tx: Transaction, row: Meeting, *, kind: ConsentKind, given: bool, by: str) -> None:
        """Keep a yes or a no. The same again changes nothing; a no takes back a yes. Raises :class:`MeetingOverError`.

        A no has no consequence for anything else, and nobody is asked twice: :meth:`consents` tells who was asked.
        """
        self._refuse_when_over(row)
        last = (await self.consents(tx, row.meeting)).get(kind)
        if last is not None and last.stands == given:
            return
        now = self._meetings.clock.now()
        if not given and await store.withdraw(tx, row.meeting, kind, at=now):
            await self._tell(tx, row)
            return
        new = Consent(meeting=row.meeting, person=row.person, kind=kind, given=given, at=now, by=by[:60])
        await store.add_consent(tx, new, name=self._meetings.new_id("cns"))
        await self._tell(tx, row)

    async def consents(self, tx: Transaction, meeting: MeetingId) -> Mapping[ConsentKind, Consent]:
        """Return the newest answer of each kind; a kind that is missing was never asked about."""
        return {ConsentKind(one.kind): one for one in await store.consents_of(tx, meeting)}

    async def of(self, tx: Transaction, meeting: MeetingId) -> Preparation:
        """Return all that is there before a meeting."""
        return Preparation(answers=await self.answers(tx, meeting), consents=await self.consents(tx, meeting))

    def _refuse_when_over(self, row: Meeting) -> None:
        if row.state is not State.BOOKED or row.ends_at <= self._meetings.clock.now():
            raise MeetingOverError

    async def _tell(self, tx: Transaction, row: Meeting) -> None:
        now = self._meetings.clock.now()
        await tx.record(PreparationGiven(occurred_at=now, meeting=row.meeting, contact=row.contact))
