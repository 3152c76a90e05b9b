"""Keeps the ledger. Every method takes an open transaction, so that callers commit their own facts together with it.

Reactions may run twice and late. So all is idempotent, and on a contact that has ended nothing changes but the
timeline and the wrap-up: such a call returns ``False``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from contacts import store
from contacts.errors import ContactNotFoundError, WrapUpNotPossibleError
from contacts.events import ContactEnded, ContactOpened, ContactWrappedUp
from contacts.ledger import Tally, count
from contacts.model import (
    Channel,
    Contact,
    EarlierTalk,
    InCalls,
    Outcome,
    State,
    Step,
    TalkEnd,
    decide_outcome,
    name_fault,
)
from contacts.states import may_follow
from contacts.text import one_line, several_lines
from core.clock import Clock
from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from storage.database import Database, Transaction

NOTE_LENGTH = 4000


def kept_for_nobody(_contact: Contact) -> bool:
    """Return that no place in the line is kept."""
    return False


class Contacts:
    """The record of each conversation and its one outcome.

    ``keeps_place`` tells whether somebody who hangs up while waiting has the place again when they ring soon.
    """

    def __init__(
        self, *, database: Database, clock: Clock, keeps_place: Callable[[Contact], bool] = kept_for_nobody
    ) -> None:
        self.database = database
        self._clock = clock
        self._keeps_place = keeps_place

    async def open(
        self,
        tx: Transaction,
        *,
        contact: ContactId,
        channel: Channel = Channel.VOICE,
        leg: LegId | None = None,
        called: str = "",
        caller: str = "",
        display_name: str = "",
        at: datetime | None = None,
    ) -> Contact:
        """Write the first row of a conversation; the three strings may be hostile. Once only per ``contact``."""
        opened = Contact(
            contact=contact,
            channel=channel,
            state=State.SELF_SERVICE,
            opened_at=at or self._clock.now(),
            leg=leg,
            called=one_line(called, most=40),
            caller=one_line(caller, most=40),
            display_name=one_line(display_name, most=80),
        )
        if not await store.add(tx, opened):
            return await self.get(tx, contact)
        await self._note(tx, opened, "arrived", channel, at=opened.opened_at)
        await tx.record(ContactOpened(occurred_at=opened.opened_at, contact=contact, channel=channel, leg=leg))
        return opened

    async def identified(
        self, tx: Transaction, contact: ContactId, *, person: PersonId, subject: Subject | None, level: int
    ) -> bool:
        """Note who the citizen is and how sure we are. Holds for this contact only."""
        return await self._change(tx, contact, "identified", str(level), person=person, subject=subject, level=level)

    async def walked(
        self,
        tx: Transaction,
        contact: ContactId,
        path: tuple[str, ...],
        *,
        language: Language | None = None,
        wants: tuple[str, ...] | None = None,
    ) -> bool:
        """Note what was chosen on the way, as node names, never digits; and the language and the wants, if they are given."""
        row = await self._to_change(tx, contact)
        kept = row.wants if wants is None else wants
        values: dict[str, Any] = {"path": _short(path), "language": language or row.language, "wants": kept}
        return await self._apply(tx, row, "", "", **values)

    async def answer_given(self, tx: Transaction, contact: ContactId, kind: str, benefit: str = "") -> bool:
        """Note that the machine answered a question; what the citizen wanted is met until they ask for a human again."""
        row = await self._to_change(tx, contact)
        answer = one_line(f"{kind}:{benefit}" if benefit else kind, most=100)
        if answer in row.answers and not row.wants_human:
            return row.is_open  # told twice
        answers = row.answers if answer in row.answers else (*row.answers, answer)
        wants = row.wants_human and row.state is State.WAITING
        return await self._apply(tx, row, "answer_given", answer, answers=answers, wants_human=wants)

    async def waiting(
        self, tx: Transaction, contact: ContactId, queue: str, *, waiting_since: datetime | None = None
    ) -> bool:
        """Note that the citizen waits for an agent, also after an agent was lost; the first ``waiting_since`` stands."""
        row = await self._to_change(tx, contact)
        since = row.waiting_since or waiting_since or row.opened_at
        values: dict[str, Any] = {"state": State.WAITING, "queue": queue, "waiting_since": since, "wants_human": True}
        if row.state is State.WAITING and row.queue == queue:
            return True
        return await self._apply(tx, row, "waiting", queue, **values)

    async def left_line(self, tx: Transaction, contact: ContactId, reason: str) -> bool:
        """Note that the citizen no longer waits but is with the machine again."""
        row = await self._to_change(tx, contact)
        if row.state is not State.WAITING:
            return row.is_open
        return await self._apply(tx, row, "left_line", one_line(reason, most=100), state=State.SELF_SERVICE)

    async def connected(self, tx: Transaction, contact: ContactId, agent: AgentId) -> bool:
        """Note that citizen and agent hear each other."""
        row = await self._to_change(tx, contact)
        if row.state is State.TALKING and row.agent == agent:
            return True
        values: dict[str, Any] = {"state": State.TALKING, "agent": agent, "wants_human": False}
        ended: dict[str, Any] = {"talk_ended_at": None, "talk_ended_by": None}
        return await self._apply(tx, row, "connected", agent, connected_at=self._clock.now(), **values, **ended)

    async def talk_ended(self, tx: Transaction, contact: ContactId, by: TalkEnd | str) -> bool:
        """Note that the conversation with the agent is over, and who or what ended it."""
        row = await self._to_change(tx, contact)
        if row.is_open and row.state is not State.TALKING:
            return True
        who = TalkEnd(by)
        values: dict[str, Any] = {"talk_ended_at": self._clock.now(), "talk_ended_by": who}
        wants = who is TalkEnd.FAULT
        return await self._apply(tx, row, "talk_ended", who, state=State.SELF_SERVICE, wants_human=wants, **values)

    async def wants_callback(self, tx: Transaction, contact: ContactId, number: PhoneNumber) -> bool:
        """Note where the citizen asks to be rung back. Until that is promised or refused, an end has no outcome yet."""
        return await self._change(tx, contact, "callback_wanted", "", callback_number=number.e164)

    async def promised(self, tx: Transaction, contact: ContactId, callback: CallbackId) -> bool:
        """Note that the citizen has our promise to ring back; a call that has ended meanwhile gets its outcome."""
        row = await self._to_change(tx, contact)
        if row.callback == callback and not row.callback_number:
            return row.is_open
        applied = await self._apply(tx, row, "promised", callback, callback=callback, callback_number="")
        await self._end_if_over(tx, contact)
        return applied

    async def meeting_booked(self, tx: Transaction, contact: ContactId, meeting: str) -> bool:
        """Note that a meeting was booked in this contact: what the citizen wanted is met, unless they wait for a human."""
        row = await self._to_change(tx, contact)
        if row.meeting == meeting:
            return row.is_open
        wants = row.wants_human and row.state is State.WAITING
        applied = await self._apply(tx, row, "meeting_booked", meeting, meeting=meeting, wants_human=wants)
        await self._end_if_over(tx, contact)
        return applied

    async def meeting_cancelled(self, tx: Transaction, contact: ContactId, meeting: str) -> bool:
        """Note that the meeting that was booked in this contact is cancelled while they still talk: it ends as it would without.

        A contact that has ended keeps its outcome: the meeting was booked in it, whatever became of it later.
        """
        row = await self._to_change(tx, contact)
        if row.meeting != meeting:
            return False
        return await self._apply(tx, row, "meeting_cancelled", meeting, meeting="")

    async def callback_refused(self, tx: Transaction, contact: ContactId) -> bool:
        """Note that there is no ringing back on that number; a call that has ended meanwhile gets its outcome."""
        applied = await self._change(tx, contact, "callback_refused", "", callback_number="")
        await self._end_if_over(tx, contact)
        return applied

    async def close(
        self,
        tx: Transaction,
        contact: ContactId,
        *,
        at: datetime | None = None,
        fault: str = "",
        path: tuple[str, ...] = (),
        language: Language | None = None,
    ) -> Outcome | None:
        """End the conversation in its one outcome and tell it. A contact that has ended keeps the outcome that it has.

        ``path`` and ``language`` are what is known at the end, as in :meth:`walked`. ``None`` when the citizen has asked
        to be rung back and nobody has answered that yet: the answer then brings the outcome.
        """
        row = await self._to_change(tx, contact)
        if row.outcome is not None:
            return row.outcome
        ended_at = row.ended_at or max(at or self._clock.now(), row.opened_at)
        last: dict[str, Any] = {"path": _short(path) or row.path, "language": language or row.language}
        over = replace(row, ended_at=ended_at, fault=one_line(fault, most=60) or row.fault, **last)
        if row.callback_number:
            await store.change(tx, over)
            return None
        return await self._end(tx, row, over)

    async def wrapped_up(
        self, tx: Transaction, contact: ContactId, agent: AgentId, code: str, note: str = "", *, holds: bool = False
    ) -> None:
        """Keep the agent's reason and note (FL 27 §: a legal record), also after the end. The last one stands.

        Raises :class:`WrapUpNotPossibleError` for whoever did not talk with this citizen. One who ``holds`` the contact
        all the same was given it after the citizen had gone: the talk that there was stays the other's, and both notes.
        """
        row = await self._to_change(tx, contact)
        kept, reason, whose = several_lines(note, most=NOTE_LENGTH), one_line(code, most=60), agent
        if row.agent not in (None, agent) and row.callback is None:
            if not holds:
                raise WrapUpNotPossibleError(contact)
            kept = several_lines("\n".join(part for part in (row.note, kept) if part), most=NOTE_LENGTH)
            reason, whose = row.wrap_up_code or reason, row.agent or agent
        await store.change(tx, replace(row, wrap_up_code=reason, note=kept, agent=whose))
        await self._note(tx, row, "wrapped_up", reason)
        fact = ContactWrappedUp(occurred_at=self._clock.now(), contact=contact, agent=agent, code=reason)
        await tx.record(fact)

    async def get(self, tx: Transaction, contact: ContactId) -> Contact:
        """Return a contact; raises :class:`ContactNotFoundError`."""
        row = await store.find(tx, contact)
        if row is None:
            raise ContactNotFoundError(contact)
        return row

    async def find(self, tx: Transaction, contact: ContactId) -> Contact | None:
        """Return a contact, or ``None``."""
        return await store.find(tx, contact)

    async def by_leg(self, tx: Transaction, leg: LegId) -> Contact | None:
        """Return the newest contact that came in on this leg."""
        return await store.find_by_leg(tx, leg)

    async def open_ones(self, tx: Transaction) -> Sequence[Contact]:
        """Return every contact without an outcome, oldest first."""
        return await store.all_open(tx)

    async def open_ids(self, tx: Transaction) -> set[ContactId]:
        """Return the ids of the contacts without an outcome: cheap, also when thousands wait."""
        return await store.open_ids(tx)

    async def in_calls(self, tx: Transaction) -> InCalls:
        """Return who is in a call with us: cheap, also when thousands are."""
        return await store.in_calls(tx)

    async def last_talk(
        self, tx: Transaction, contact: ContactId, *, since: datetime, agent: AgentId | None = None
    ) -> EarlierTalk | None:
        """Return the newest talk since then of whoever this is, of any agent or of one; ``None`` when there was none.

        The same verified person; the same number when nobody is verified in either call.
        """
        row = await self.find(tx, contact)
        return None if row is None else await store.last_talk(tx, row, since=since, agent=agent)

    async def has_talked(self, tx: Transaction, number: PhoneNumber, *, since: datetime) -> bool:
        """Tell whether somebody has talked with us from this number since then. It proves nobody."""
        return await store.has_talked(tx, number, since=since)

    async def timeline(self, tx: Transaction, contact: ContactId) -> Sequence[Step]:
        """Return what has happened to a contact, in order, for the agent to read."""
        return await store.steps_of(tx, contact)

    async def tally(self, tx: Transaction, start: datetime, end: datetime) -> Tally:
        """Count the contacts that arrived in a half-open period, by outcome, and those that are open."""
        return await count(tx, start=start, end=end)

    async def _end_if_over(self, tx: Transaction, contact: ContactId) -> None:
        row = await self._to_change(tx, contact)
        if row.is_open and row.ended_at is not None:
            await self._end(tx, row, row)

    async def _end(self, tx: Transaction, row: Contact, over: Contact) -> Outcome:
        ended_at = over.ended_at or self._clock.now()
        over = replace(over, recovered=over.recovered or self._keeps_place(over))
        outcome = decide_outcome(over, fault=over.fault)
        fault = name_fault(over, outcome, fault=over.fault)
        end: dict[str, Any] = {"state": State.ENDED, "outcome": outcome, "fault": fault, "ended_at": ended_at}
        end["recovered"] = outcome is Outcome.ABANDONED_RECOVERED
        await self._apply(tx, row, "ended", outcome, at=ended_at, path=over.path, language=over.language, **end)
        await tx.record(ContactEnded(occurred_at=ended_at, contact=row.contact, outcome=outcome, fault=fault))
        return outcome

    async def _change(self, tx: Transaction, contact: ContactId, what: str, detail: str, **values: Any) -> bool:
        return await self._apply(tx, await self._to_change(tx, contact), what, detail, **values)

    async def _apply(
        self, tx: Transaction, row: Contact, what: str, detail: str, *, at: datetime | None = None, **values: Any
    ) -> bool:
        after = replace(row, **values)
        if after == row:
            return row.is_open
        applies = row.is_open and may_follow(row.state, after.state)
        if applies:
            await store.change(tx, after)
        if what:
            await self._note(tx, after if applies else row, what, detail, at=at)
        return applies

    async def _note(self, tx: Transaction, row: Contact, what: str, detail: str, *, at: datetime | None = None) -> None:
        moment = at or self._clock.now()
        await store.add_step(tx, Step(contact=row.contact, at=moment, what=what, detail=detail, state=row.state))

    async def _to_change(self, tx: Transaction, contact: ContactId) -> Contact:
        row = await store.find(tx, contact, to_change=True)
        if row is None:
            raise ContactNotFoundError(contact)
        return row


def _short(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one_line(node, most=60) for node in path[:50])
