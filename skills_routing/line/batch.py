"""Deals out contacts when many wait and many are free: reads both sides, works out the pairs, and has the line make them.

Each pair is one atomic command that names the contact and the agent, and is refused when either has changed meanwhile;
so two processes may do this at the same time; one at a time does, as the other would work for nothing.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.clock import Clock
from core.ids import AgentId, ContactId
from skills_routing.line.live_line import Command, LiveLine
from skills_routing.line.steering import Steering
from skills_routing.model import Idle, Waiting, milliseconds, read_requirement, read_skills, weight_of
from skills_routing.rules.assignment import MOST, assign
from skills_routing.rules.reasons import avoided_by
from storage.redis import our_errors

log = structlog.get_logger()

_HOLD = timedelta(seconds=3)
"""After so long another process deals: this one is gone, or stands still."""

Fields = Mapping[str, str]


class Batch:
    """One deal after an outage or a mass log-in."""

    def __init__(self, *, steering: Steering, line: LiveLine, clock: Clock) -> None:
        self._steering = steering
        self._line = line
        self._clock = clock

    async def deal(self) -> int | None:
        """Offer each of the lowest ranks to whom the assignment gives it, and return how many offers were made; ``None``
        when another process is at it: what this one worked out meanwhile would be of yesterday."""
        async with self._line.alone_dealing(hold=_HOLD) as alone:
            return await self._deal() if alone else None

    async def _deal(self) -> int:
        idle, waiting = await both_sides(self._line, now=self._clock.now())
        pairs = await asyncio.to_thread(assign, idle, waiting)
        decisions = await self._steering.run_all([(Command.ASSIGN, pair) for pair in pairs])
        made = sum(decision.status == "ok" for decision in decisions)
        log.info(
            "contacts were dealt out in a batch", idle=len(idle), waiting=len(waiting), pairs=len(pairs), made=made
        )
        return made


async def both_sides(line: LiveLine, *, now: datetime, most: int = MOST) -> tuple[list[Idle], list[Waiting]]:
    """Return who is free for something and who of the lowest ranks waits, as the line's records tell."""
    async with our_errors():
        names = sorted(await line.redis.smembers("kc:lines") | await line.redis.smembers("kc:own_lines"))
        pipe = line.redis.pipeline(transaction=False)
        for name in names:
            pipe.zrange(f"kc:idle:{name}", 0, most - 1)
            pipe.zrange(f"kc:line:{name}", 0, most - 1, withscores=True)
        found = await pipe.execute()
    agents = sorted({agent for idle in found[::2] for agent in idle})
    heads = [(rank, contact, name) for name, line_ in zip(names, found[1::2], strict=True) for contact, rank in line_]
    chosen = sorted(heads)[:most]
    agent_fields = await _hashes(line, "kc:agent:", agents)
    contact_fields = await _hashes(line, "kc:contact:", [contact for _rank, contact, _name in chosen])
    wanted = {read_requirement(name).agent for _rank, _contact, name in chosen}
    now_ms = milliseconds(now)
    return (
        [_idle(AgentId(name), each, is_wanted=name in wanted) for name, each in zip(agents, agent_fields, strict=True)],
        [
            _waiting(ContactId(contact), int(rank), name, each, now_ms)
            for (rank, contact, name), each in zip(chosen, contact_fields, strict=True)
        ],
    )


async def _hashes(line: LiveLine, prefix: str, names: Iterable[str]) -> list[dict[str, str]]:
    async with our_errors():
        pipe: Any = line.redis.pipeline(transaction=False)
        for name in names:
            pipe.hgetall(prefix + name)
        found: list[dict[str, str]] = await pipe.execute()
    return found


def _idle(agent: AgentId, found: Fields, *, is_wanted: bool) -> Idle:
    skills = read_skills(found.get("profile", ""))
    return Idle(
        agent=agent,
        skills=skills.of(agent) if is_wanted else skills,  # else all who can do the same stay one kind: quicker
        since=int(found.get("idle_since") or 0),
        scarcity=int(found.get("scarcity") or 0),
        load=int(found.get("load") or 0),
        capacity=int(found.get("capacity") or 0),
        interruptible=found.get("interruptible") == "1",
        phone=found.get("phone") != "gone",
    )


def _waiting(contact: ContactId, rank: int, line: str, found: Fields, now_ms: int) -> Waiting:
    return Waiting(contact, rank, read_requirement(line), avoided_by(found, now=now_ms), weight_of(line))
