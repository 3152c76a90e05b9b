"""Hears what happens on legs, and finds out after a restart which of them are still there."""

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import assert_never

import structlog

from core.errors import UnavailableError
from core.ids import LegId
from skills_routing import store
from skills_routing.line.aftermath import Aftermath
from skills_routing.line.connection import Connection, join
from skills_routing.line.live_line import LiveLine
from skills_routing.line.steering import Steering
from skills_routing.model import ContactState, milliseconds
from storage.database import Database
from telephony.model import (
    CallArrived,
    CallEvent,
    Digits,
    EndCause,
    HangUp,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegRole,
    LegsBridged,
    LegsCounted,
    NoInput,
    Said,
    SwitchConnected,
    SwitchLost,
    WhoAnswered,
)

log = structlog.get_logger()

_MOST_UNHEARD = 20_000
_MARGIN = timedelta(seconds=0.5)
"""A leg placed while the switch was counting its legs is not among them, and is not missing."""


class Legs:
    """Routing's ear at the switch. Legs that it knows nothing of belong to others and are left alone."""

    def __init__(self, *, steering: Steering, line: LiveLine, aftermath: Aftermath, database: Database) -> None:
        self._steering = steering
        self._line = line
        self._aftermath = aftermath
        self._database = database
        self._adopted_alone: set[LegId] = set()
        self._suspected: set[str] = set()
        self._unheard: deque[CallEvent] = deque(maxlen=_MOST_UNHEARD)

    async def on_call_event(self, event: CallEvent) -> None:
        """Do what follows from an event for the contact whose leg it is; later, when a store does not answer just now.

        The switch tells everything once, and an agent's leg that ended unheard would leave a citizen in silence.
        """
        try:
            await self._hear(event)
        except UnavailableError as error:
            if isinstance(event, LegsCounted):
                return  # the next count comes in a moment, and knows better
            if not self._unheard:  # once an outage, not once an event
                leg, kind = getattr(event, "leg", ""), type(event).__name__
                log.warning("call events are kept for later", leg=leg, kind=kind, error=type(error).__name__)
            self._unheard.append(event)

    async def hear_what_was_missed(self) -> None:
        """Take up the events that came while a store did not answer."""
        mine, self._unheard = self._unheard, deque(maxlen=_MOST_UNHEARD)  # two may ask at once
        try:
            while mine:
                await self.on_call_event(mine[0])
                mine.popleft()
        finally:
            self._unheard.extendleft(reversed(mine))

    async def _hear(self, event: CallEvent) -> None:
        match event:
            case LegAnswered():
                await self._answered(event.leg)
            case LegEnded():
                await self._steering.leg_ended(event.leg, event.cause)
            case LegAdopted():
                await self._found(event)
            case SwitchConnected():
                await self._compare(frozenset(event.legs), before=milliseconds(event.occurred_at - _MARGIN))
            case LegsCounted():
                await self._count(event)
            case CallArrived() | Said() | Digits() | NoInput() | LegRinging() | LegsBridged():
                pass
            case WhoAnswered() | SwitchLost():
                pass
            case _:
                assert_never(event)

    async def _answered(self, leg: LegId) -> None:
        known = await self._steering.leg_answered(leg)
        if not known and await self._was_an_agents(leg):
            await self._aftermath.perform(HangUp(leg=leg))

    async def _found(self, event: LegAdopted) -> None:
        if not event.bridge:
            self._adopted_alone.add(event.leg)
        if event.role is LegRole.AGENT and event.answered:
            await self._answered(event.leg)
        elif event.role is LegRole.AGENT and await self._line.party(event.leg) is None:
            await self._aftermath.perform(HangUp(leg=event.leg))
        elif (
            event.role is LegRole.CITIZEN and event.answered
        ):  # perhaps one whom we ring back, and nobody heard the yes
            await self._steering.leg_answered(event.leg)

    async def _compare(self, living: frozenset[LegId], *, before: int) -> None:
        alone, self._adopted_alone = self._adopted_alone, set()
        for connection in await self._here():
            settled = connection.state_since < before
            missing = await self._missing(connection, living) if settled else []
            for leg in missing:
                await self._steering.leg_ended(leg, _why_gone(connection, missing))
            torn = {connection.leg, connection.agent_leg} & alone
            if torn and not missing and connection.state is ContactState.TALKING:
                await self._connect(connection)

    async def _count(self, counted: LegsCounted) -> None:
        """Mend what two counts on end agree on: legs that are gone or left over, and a talk whose two do not hear each other."""
        living, bridged = frozenset(counted.legs), frozenset(counted.bridged)
        before = milliseconds(counted.occurred_at - _MARGIN)
        suspected, self._suspected = self._suspected, set()
        await self._let_go(counted.legs, suspected, before=before)
        for connection in await self._here():
            missing = await self._missing(connection, living) if connection.state_since < before else []
            self._suspected.update(missing)
            for leg in suspected.intersection(missing):
                log.warning("a leg ended and nobody was told", contact=connection.contact, state=connection.state)
                await self._steering.leg_ended(LegId(leg), _why_gone(connection, missing))
            if not missing and connection.state_since < before and _is_apart(connection, bridged):
                self._suspected.add(connection.contact)
                if connection.contact in suspected:
                    log.warning("a talk had no sound", contact=connection.contact)
                    await self._connect(connection)

    async def _let_go(self, legs: Sequence[LegId], suspected: AbstractSet[str], *, before: int) -> None:
        """Hang up what a talk has left behind: whoever ended it died, or did not hear that it had, before the phones were told."""
        for leg in await self._line.released(legs, before=before):
            self._suspected.add(leg)
            if leg in suspected:
                log.warning("a leg was left behind by its talk", leg=leg)
                await self._aftermath.perform(HangUp(leg=leg))

    async def _here(self) -> list[Connection]:
        here = await self._line.connections(sorted(await self._line.contacts()))
        return [connection for connection in here.values() if connection is not None]

    async def _connect(self, connection: Connection) -> None:
        await self._aftermath.perform(join(connection.contact, connection.leg, connection.agent_leg))

    async def _missing(self, connection: Connection, living: frozenset[LegId]) -> list[LegId]:
        """Return the legs of a contact that ended while nobody watched, the citizen's first."""
        expected = [connection.leg] if connection.state is not ContactState.WRAP_UP else []
        if connection.state in (ContactState.TALKING, ContactState.CALLING):
            expected.append(connection.agent_leg)
        if connection.state is ContactState.OFFERED:
            offer = await self._line.fields(f"kc:offer:{connection.offer}")
            expected += [connection.agent_leg] if offer.get("rung") else []
        return [leg for leg in expected if leg and leg not in living]

    async def _was_an_agents(self, leg: LegId) -> bool:
        async with self._database.reading() as tx:
            return await store.is_our_agent_leg(tx, leg)


def _why_gone(connection: Connection, missing: Sequence[LegId]) -> EndCause:
    """Tell why legs ended of which nobody heard: a citizen whose agent is still there has hung up."""
    alone = connection.state is ContactState.TALKING and list(missing) == [connection.leg]
    return EndCause.NORMAL if alone else EndCause.FAULT


def _is_apart(connection: Connection, bridged: frozenset[LegId]) -> bool:
    talks = connection.state is ContactState.TALKING and not connection.on_hold
    return talks and not {connection.leg, connection.agent_leg} <= bridged
