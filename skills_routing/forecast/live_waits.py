"""Reads the whole line for the forecast, in few and short round trips, and keeps what was foreseen beside it in Redis."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from redis.asyncio import Redis

from core.ids import AgentId, ContactId
from skills_routing.forecast.forecast import LineSnapshot, StepAhead
from skills_routing.forecast.foreseen import Foreseen, WaitTold, read_foreseen, write_foreseen
from skills_routing.forecast.reading import Heads, at_work_on, newcomer, read_snapshot
from skills_routing.model import ContactState, milliseconds, weight_of
from skills_routing.rules.steps import Plan, next_ask, read_plan
from storage.redis import our_errors

_FORESEEN = "kc:foreseen"
"""A hash: contact, or the name of somebody who would come in now, to what is foreseen. Each round replaces all of it."""
_FRESH = timedelta(seconds=60)
"""What is older is neither said nor shown: whoever foresees has stopped."""
_HOLDER = "kc:forecaster"
_OF_AGENT = ("state", "since", "contact", "profile", "scarcity", "next", "load", "interruptible", "phone")
_AT_ONCE = 500
"""So many records are asked for in one round trip, so that nobody else's command waits long behind them."""

Name = TypeVar("Name", ContactId, AgentId)
Stepping = Mapping[ContactId, tuple[Plan, int]]


class LiveWaits:
    """What the forecast reads of the line, and where it leaves its answers."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # its types allow for bytes; our clients decode

    async def claim(self, holder: str, *, hold: timedelta) -> bool:
        """Tell whether it is this process that foresees; for so long nobody else does."""
        async with our_errors():
            if await self._redis.set(_HOLDER, holder, nx=True, px=hold):
                return True
            if await self._redis.get(_HOLDER) != holder:
                return False
            await self._redis.pexpire(_HOLDER, hold)
        return True

    async def lines(self) -> dict[str, Heads]:
        """Return who waits in each line, with the ranks; not those who have written and need no forecast."""
        async with our_errors():
            every = await self._redis.sunion("kc:lines", "kc:own_lines")
        names = sorted(line for line in every if not weight_of(line))
        heads = await self._each(names, lambda pipe, name: pipe.zrange(f"kc:line:{name}", 0, -1, withscores=True))
        return dict(zip(names, heads, strict=True))

    async def stepping(self) -> dict[ContactId, tuple[Plan, int]]:
        """Return those whose requirement will widen, and who have not written: the plan, and where in it they are."""
        async with our_errors():
            names = [ContactId(name) for name in await self._redis.zrange("kc:steps", 0, -1)]
        found = await self._hashes("kc:contact:", names, ("steps", "step", "line"))
        return {
            name: (read_plan(one["steps"]), int(one.get("step", 0)))
            for name, one in found.items()
            if "steps" in one and not weight_of(one.get("line", ""))
        }

    async def snapshot(
        self, lines: Mapping[str, Heads], stepping: Stepping, *, newcomers: Iterable[str], now: datetime
    ) -> LineSnapshot:
        """Return the line as it stands, with somebody who would come in now at the end of each of these lines."""
        agents = await self._agents()
        in_hand = await self._hashes("kc:contact:", at_work_on(agents), ("line", "began"))
        return read_snapshot(
            lines=lines,
            agents=agents,
            in_hand=in_hand,
            now=now,
            steps=steps_ahead(stepping, now),
            staying=[contact for contact, (plan, step) in stepping.items() if forecast_limit(plan, step) is not None],
            newcomers=newcomers,
        )

    async def keep(self, foreseen: Mapping[ContactId, Foreseen]) -> None:
        """Let this be what is foreseen, all at once; it fades when nobody renews it."""
        async with our_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.delete(_FORESEEN)
            if foreseen:
                pipe.hset(_FORESEEN, mapping={name: write_foreseen(one) for name, one in foreseen.items()})
                pipe.pexpire(_FORESEEN, _FRESH)
            await pipe.execute()

    async def of(self, contact: ContactId) -> WaitTold | None:
        """Return what may be told to a contact about its wait; ``None`` for one that does not wait."""
        async with our_errors():
            state, queue = await self._redis.hmget(f"kc:contact:{contact}", "state", "queue")
            if state != ContactState.WAITING:
                return None
            pipe = self._redis.pipeline(transaction=False)
            pipe.zrank(f"kc:order:{queue}", contact)
            pipe.hget(_FORESEEN, contact)
            before, text = await pipe.execute()
        return None if before is None else WaitTold(int(before) + 1, sure(text))

    async def expected(self, contact: ContactId) -> datetime | None:
        """Return when the wait of a contact is expected to be over; ``None`` when nothing is foreseen of it."""
        found = await foreseen_of(self._redis, contact)
        return found.at + found.expected if found is not None else None

    async def _agents(self) -> dict[AgentId, dict[str, str]]:
        async with our_errors():
            names = sorted(await self._redis.smembers("kc:agents"))
        return await self._hashes("kc:agent:", [AgentId(name) for name in names], _OF_AGENT)

    async def _hashes(self, prefix: str, names: Sequence[Name], fields: Sequence[str]) -> dict[Name, dict[str, str]]:
        answers = await self._each(names, lambda pipe, name: pipe.hmget(f"{prefix}{name}", fields))
        return {
            name: {field: value for field, value in zip(fields, values, strict=True) if value}
            for name, values in zip(names, answers, strict=True)
        }

    async def _each(self, names: Sequence[str], ask: Callable[[Any, str], object]) -> list[Any]:
        """Return the answer for each name, in as many round trips as are polite."""
        answers: list[Any] = []
        for start in range(0, len(names), _AT_ONCE):
            async with our_errors():
                pipe = self._redis.pipeline(transaction=False)
                for name in names[start : start + _AT_ONCE]:
                    ask(pipe, name)
                answers += await pipe.execute()
        return answers


def steps_ahead(stepping: Stepping, now: datetime) -> list[StepAhead]:
    """Return the steps that time will bring; those that a forecast brings are taken when it is told."""
    at = milliseconds(now)
    return [
        StepAhead(contact, timedelta(milliseconds=max(0, ask.due_at - at)), ask.requirement)
        for contact, (plan, step) in stepping.items()
        for ask in plan[step + 1 :]
    ]


def forecast_limit(plan: Plan, step: int) -> timedelta | None:
    """Return from what forecast on the next step is taken at once; ``None`` when only time brings it."""
    following = next_ask(plan, step)
    return following.forecast if following is not None else None


async def foreseen_of(redis: Any, contact: ContactId) -> Foreseen | None:
    """Return what is foreseen of a contact that waits, sure or not; ``None`` when nothing is."""
    async with our_errors():
        return read_foreseen(await redis.hget(_FORESEEN, contact))


def ask_for_newcomer(pipe: Any, line: str) -> None:
    """Ask, in a pipeline, what is foreseen for somebody who would come into this line now; :func:`sure` reads it."""
    pipe.hget(_FORESEEN, newcomer(line))


def sure(text: str | None) -> Foreseen | None:
    """Read what is foreseen; ``None`` when nothing is, or nobody is sure of it."""
    found = read_foreseen(text)
    return found if found is not None and found.sure else None
