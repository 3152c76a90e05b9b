"""What follows a decision of the line, in this order: phones ring or fall silent, SQL keeps it, others are told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from contacts.service import Contacts
from core.errors import KundcenterError
from core.events import Event
from core.ids import AgentId, CallbackId, LegId
from skills_routing.line.connection import actions_after
from skills_routing.line.line_facts import Kind, LineFact, live_event
from skills_routing.line.live_line import LiveLine
from skills_routing.line.records import is_recorded, record
from skills_routing.model import Policy
from storage.database import Database
from storage.redis import LiveStoreUnavailableError
from telephony.errors import LegGoneError
from telephony.model import Action, Bridge, HangUp, Ring, leg_of

_LATE_TRIES, _LATE_PAUSE_SECONDS = 20, 0.5

log = structlog.get_logger()

Tell = Callable[[Event], Awaitable[None]]
_WRITTEN_FIRST = (Kind.TALK_ENDED, Kind.CALLING, Kind.DIALLED)
"""Who ended a talk is written before the phones are put down, since the end of the leg closes the contact; whom we ring
back before their phone rings, since a line that is made anew then must know."""

_RINGS_CITIZEN = (Kind.CALLING, Kind.DIALLED)


class Dial(Protocol):
    """Begins an attempt to ring a citizen back, in SQL, before the switch is asked for it."""

    async def __call__(self, callback: CallbackId, *, leg: LegId, agent: AgentId | None) -> str:
        """Return the number to ring: none is kept in the line. ``agent`` is ``None`` where the citizen is rung first. Raises an error of ours when it is not to be rung now."""
        ...


class Performs(Protocol):
    """The half of ``telephony.ports.Switch`` that routing needs."""

    async def perform(self, action: Action) -> None:
        """Start an action on the switch."""
        ...


class Aftermath:
    """Carries out what the line has decided. A step that fails is logged and made good by the reconciler."""

    def __init__(
        self,
        *,
        line: LiveLine,
        switch: Performs,
        database: Database,
        contacts: Contacts,
        tell: Tell,
        policy: Policy,
        shown_number: str,
        dial: Dial,
    ) -> None:
        self._line = line
        self._switch = switch
        self._database = database
        self._contacts = contacts
        self._tell = tell
        self._policy = policy
        self._shown_number = shown_number
        self._dial = dial
        self._late: set[asyncio.Task[None]] = set()

    async def follow(self, facts: Sequence[LineFact], *, gone: LegId | None = None) -> tuple[LegId, ...]:
        """Carry out what these facts ask for, and return the legs that turned out to be gone.

        ``gone`` is a leg that is known to have ended, and need not be hung up.
        """
        first = [fact for fact in facts if fact.fact in _WRITTEN_FIRST]
        await self.record(first)
        found_gone: list[LegId] = []
        for fact in facts:
            found_gone += await self._phones(fact, gone)
        await self.record([fact for fact in facts if fact not in first])
        for fact in facts:
            if fact.fact is Kind.STEP_TAKEN:
                log.info("a requirement was widened", contact=fact.contact, line=fact.line, how=fact.how)
            event = live_event(fact)
            if event is not None:
                await self._tell(event)
        return tuple(found_gone)

    async def record(self, facts: Sequence[LineFact]) -> None:
        """Write into SQL what it keeps of these facts; as soon as it can, when it cannot just now.

        Phones do not wait for that, and records may be late. When this process dies first, the reconciler finds out.
        """
        if not any(is_recorded(fact) for fact in facts):
            return
        try:
            await self._write(facts)
        except KundcenterError as error:
            log.warning("routing is not recorded yet", **_of_what(facts), error=type(error).__name__)
            task = asyncio.create_task(self._record_late(facts))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def give_up(self) -> None:
        """Leave what is not recorded yet to the reconciler of another process."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _record_late(self, facts: Sequence[LineFact]) -> None:
        for _ in range(_LATE_TRIES):
            await asyncio.sleep(_LATE_PAUSE_SECONDS)
            try:
                await self._write(facts)
            except KundcenterError:
                continue
            log.info("routing is recorded late", **_of_what(facts))
            return
        log.error("routing was not recorded", **_of_what(facts))

    async def _write(self, facts: Sequence[LineFact]) -> None:
        await self._database.together.run(partial(record, facts=facts, contacts=self._contacts))

    async def perform(self, action: Action) -> LegId | None:
        """Ask the switch, and return the leg that was found to be gone, if one was."""
        try:
            await self._switch.perform(action)
        except LegGoneError as error:
            return LegId(error.detail)
        except KundcenterError as error:
            what, why = type(action).__name__, type(error).__name__
            log.warning("the switch did not take it", leg=leg_of(action), action=what, error=why)
            return action.leg if isinstance(action, Ring) else None
        return None

    async def ring_again(self, fact: LineFact) -> None:
        """Ring the agent's phone for an offer that nobody has rung yet."""
        await self._phones(fact, None)

    async def _phones(self, fact: LineFact, gone: LegId | None) -> list[LegId]:
        found_gone: list[LegId] = []
        number = await self._number(fact)
        if number is None:
            return [fact.leg]
        for action in actions_after(fact, policy=self._policy, number=number, shown_number=self._shown_number):
            if isinstance(action, HangUp) and action.leg == gone:
                continue
            missing = await self.perform(action)
            if fact.fact is Kind.OFFER_MADE:
                if missing is None:
                    await self._rung(fact)
            elif missing is not None and isinstance(action, Bridge | Ring):
                found_gone.append(missing)
        return found_gone

    async def _rung(self, fact: LineFact) -> None:
        try:
            is_open = await self._line.mark_rung(fact.offer)
        except LiveStoreUnavailableError:
            return  # it is rung once more, and noted then
        if not is_open:  # we stood still, and it has lapsed meanwhile: no phone rings for nothing
            await self.perform(HangUp(leg=fact.agent_leg))

    async def _number(self, fact: LineFact) -> str | None:
        """Return whom to ring, ``""`` when nobody is to be, and ``None`` for a citizen who is not to be rung now."""
        if fact.fact not in _RINGS_CITIZEN:
            return ""
        try:
            return await self._dial(fact.callback, leg=fact.leg, agent=fact.agent or None)
        except KundcenterError as error:
            log.info("a citizen is not rung back now", contact=fact.contact, why=type(error).__name__)
            return None


def _of_what(facts: Sequence[LineFact]) -> dict[str, list[str]]:
    """Return what a line of the log says of facts: their kinds, and the contacts that they are about."""
    contacts = dict.fromkeys(str(fact.contact) for fact in facts if fact.contact)
    return {"kinds": [str(fact.fact) for fact in facts], "contacts": list(contacts)}
