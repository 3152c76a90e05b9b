"""Runs a command on the line and sees it through: rebuild if Redis was emptied, decide, then do what follows."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from core.clock import Clock
from core.ids import LegId
from skills_routing.configuration import RoutingConfiguration
from skills_routing.line.aftermath import Aftermath
from skills_routing.line.connection import (
    CitizenReached,
    Connection,
    EndOffer,
    HangUpStray,
    Leave,
    Meaning,
    Part,
    Party,
    ReturnCaller,
    Take,
    leg_answered,
    leg_ended,
)
from skills_routing.line.line_facts import LineFact
from skills_routing.line.live_line import Asked, Command, Decision, LiveLine
from skills_routing.line.rebuilding import Rebuilder, entering
from skills_routing.rules.queues import HeadStart
from skills_routing.store import Routed
from storage.redis import LiveStoreUnavailableError
from telephony.model import EndCause, HangUp

_CHANGED_MEANWHILE = {"stale", "wrong_state", "unknown_contact"}
_TRIES = 4
_TOGETHER = 24
"""So many facts are followed together: one transaction, and phones one after the other."""


class Steering:
    """The way every command and every happening on a leg takes into the line, and out again to phones and SQL."""

    def __init__(
        self,
        *,
        line: LiveLine,
        rebuilder: Rebuilder,
        aftermath: Aftermath,
        clock: Clock,
        configuration: RoutingConfiguration,
    ) -> None:
        self._line = line
        self._rebuilder = rebuilder
        self._aftermath = aftermath
        self._clock = clock
        self._configuration = configuration
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, command: Command, *own: str | int, gone: LegId | None = None) -> Decision:
        """Decide, and return when what follows is done. A caller that is cancelled does not stop what follows."""
        decision = await self._line.run(command, *own, now=self._clock.now())
        if decision.status == "flushed":
            await self._rebuilder.rebuild()
            decision = await self._line.run(command, *own, now=self._clock.now())
        if decision.status == "flushed":
            raise LiveStoreUnavailableError("the line is being rebuilt")
        if decision.facts:
            await self._see_through(decision.facts, gone)
        return decision

    async def run_all(self, asked: Sequence[Asked]) -> list[Decision]:
        """Decide all of these, one after the other, and then do what follows of each, many at a time."""
        decisions = []
        for command, own in asked:
            decision = await self._line.run(command, *own, now=self._clock.now())
            if decision.status == "flushed":
                break
            decisions.append(decision)
        facts = [fact for decision in decisions for fact in decision.facts]
        parts = [facts[start : start + _TOGETHER] for start in range(0, len(facts), _TOGETHER)]
        await asyncio.gather(*(self._see_through(part, None) for part in parts))
        return decisions

    async def see_that_it_stands(self) -> None:
        """Rebuild the line if Redis was emptied: before something is read that would otherwise be missing."""
        if not await self._line.is_standing(now=self._clock.now()):
            await self._rebuilder.rebuild()

    async def enter(self, routed: Routed) -> Decision:
        """Put a contact in the line at its rank; one that is there stays as it is."""
        return await self.run(Command.ENTER, *entering(routed))

    async def leg_answered(self, leg: LegId) -> bool:
        """Do what follows from a leg that answered; ``False`` when routing knows nothing of the leg."""
        for _ in range(_TRIES):
            party = await self._party(leg)
            if party is None:
                return False
            connection = await self._connection(party)
            meaning = leg_answered(connection, party)
            if await self._carry_out(meaning, connection, leg, gone=None):
                break
        return True

    async def leg_ended(self, leg: LegId, cause: EndCause) -> None:
        """Do what follows from a leg that ended; nothing for one that routing knows nothing of."""
        for _ in range(_TRIES):
            party = await self._party(leg)
            if party is None:
                return
            connection = await self._connection(party)
            if await self._carry_out(leg_ended(connection, party, cause), connection, leg, gone=leg):
                return

    async def _party(self, leg: LegId) -> Party | None:
        party = await self._line.party(leg)
        if party is None and not await self._line.is_standing(now=self._clock.now()):
            await self._rebuilder.rebuild()
            party = await self._line.party(leg)
        return party

    async def _connection(self, party: Party) -> Connection | None:
        return None if party.is_over else await self._line.connection(party.contact)

    async def _carry_out(
        self, meaning: Meaning | None, connection: Connection | None, leg: LegId, *, gone: LegId | None
    ) -> bool:
        """Return ``False`` when something else happened first, and it must be looked at anew."""
        if meaning is None:
            return True
        if isinstance(meaning, HangUpStray) or connection is None:
            await self._aftermath.perform(HangUp(leg=leg))
            return True
        ahead = self._configuration.head_start(connection.queue, HeadStart.RETURNED)
        decision = await self.run(*_command(meaning, connection, ahead), gone=gone)
        return decision.status not in _CHANGED_MEANWHILE

    async def settled(self) -> None:
        """Wait until all that follows from decisions already made is done, also when whoever asked was cancelled.

        What SQL does not take just now is left to others.
        """
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._aftermath.give_up()

    async def _see_through(self, facts: Sequence[LineFact], gone: LegId | None) -> None:
        task = asyncio.ensure_future(self._follow(facts, gone))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _follow(self, facts: Sequence[LineFact], gone: LegId | None) -> None:
        for leg in await self._aftermath.follow(facts, gone=gone):
            await self.leg_ended(leg, EndCause.FAULT)


def _command(meaning: Meaning, connection: Connection, ahead: timedelta) -> tuple[Command, *tuple[str | int, ...]]:
    contact, offer, token = connection.contact, connection.offer, connection.token
    match meaning:
        case Take():
            return (Command.TAKE, offer, token)
        case CitizenReached():
            return (Command.CITIZEN_ANSWERED, contact, offer)
        case EndOffer(how, reason):
            return (Command.END_OFFER, offer, token, how, "NOT_READY", reason)
        case Leave(reason):
            return (Command.LEAVE, contact, reason)
        case Part(by):
            return (Command.PART, contact, offer, by)
        case ReturnCaller(reason):
            return (Command.RETURN_CALLER, contact, offer, reason, ahead // timedelta(milliseconds=1))
        case HangUpStray():
            raise AssertionError("a stray leg is no command of the line")
