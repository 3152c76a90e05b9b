"""Whom the switch can ring: an agent whose telephone is not there is offered no calls until it is again."""

from collections.abc import Collection
from datetime import timedelta

import structlog

from core.clock import Clock
from core.ids import AgentId
from skills_routing.line.live_line import Command, LiveLine
from skills_routing.line.steering import Steering
from skills_routing.model import AgentState, milliseconds
from skills_routing.rules.phones import Seen, count
from storage.redis import our_errors

log = structlog.get_logger()

_COUNTED = "kc:phones_counted"
_BELIEVED = timedelta(seconds=15)
"""So long a telephone stays gone when nobody counts any more: what nobody can tell holds nobody back."""


class Phones:
    """Keeps the live line's knowledge of the telephones as the switch counts them. Any process may; twice does no harm."""

    def __init__(self, *, steering: Steering, line: LiveLine, clock: Clock) -> None:
        self._steering = steering
        self._line = line
        self._clock = clock
        self._seen: Seen | None = None

    async def counted(self, here: Collection[AgentId]) -> None:
        """Take a count: these agents' telephones can be rung, and no others. Call it every second or so."""
        now = self._clock.now()
        everybody, gone = await self._known()
        self._seen = count(self._seen, here=here, everybody=everybody, now=now)
        async with our_errors():
            await self._line.redis.set(_COUNTED, milliseconds(now))
        await self._hear(everybody & (self._seen.gone - gone), is_here=False)
        # Who was missed for a moment may have been offered a call in it, as after a restart of the switch.
        await self._hear((gone - self._seen.gone) | self._seen.returned, is_here=True)

    async def run_due(self) -> None:
        """Hold nobody back for a telephone that nobody has counted for 15 s."""
        async with our_errors():
            counted_at = await self._line.redis.get(_COUNTED)
        if counted_at is None or int(counted_at) > milliseconds(self._clock.now() - _BELIEVED):
            return
        _everybody, gone = await self._known()
        if gone:
            log.warning("nobody tells any more which telephones can be rung, so all count as there", gone=len(gone))
            await self._hear(gone, is_here=True)
        async with our_errors():
            await self._line.redis.delete(_COUNTED)

    async def missing(self) -> frozenset[AgentId]:
        """Return the agents who are at work, and whom the switch cannot ring."""
        agents = await self._line.agents()
        return frozenset(
            agent
            for agent, found in agents.items()
            if found.get("phone") == "gone" and found.get("state") != AgentState.LOGGED_OFF
        )

    async def _known(self) -> tuple[frozenset[AgentId], frozenset[AgentId]]:
        """Return all agents of the line, and those whose telephone counts as gone there."""
        async with our_errors():
            everybody = await self._line.redis.smembers("kc:agents")
            gone = await self._line.redis.smembers("kc:no_phone")
        return frozenset(map(AgentId, everybody)), frozenset(map(AgentId, gone))

    async def _hear(self, agents: Collection[AgentId], *, is_here: bool) -> None:
        for agent in sorted(agents):
            await self._steering.run(Command.HEAR_PHONE, agent, "1" if is_here else "")
        if agents:
            log.info("telephones are there again" if is_here else "telephones are gone", many=len(agents))
