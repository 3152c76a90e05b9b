"""The fair line in Redis: runs the Lua functions that decide, and reads what is live."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.ids import AgentId, CallbackId, ContactId, LegId, NewId, OfferId
from skills_routing.line.connection import Connection, Party
from skills_routing.line.line_facts import LineFact, read_facts
from skills_routing.model import Agent, ContactState, OfferState, Policy, milliseconds
from storage.redis import our_errors

_FOLDER = Path(__file__).parent / "lua"
_SHARED = ("server.lua", "line.lua", "agents.lua", "standing.lua", "offers.lua", "pacing.lua", "deciding.lua")
"""What every command is made of, in this order: a function knows those before it."""
GENERATION = "kc:generation"
"""Gone when Redis was emptied, or came again from its file; every command looks for it first."""
_MENDING = "kc:mending"
_DEALING = "kc:dealing"


class Command(StrEnum):
    """What can be asked of the line; each is a function of that name in ``lua/``, where its arguments are described."""

    ENTER = "enter"
    CHOOSE_STATE = "choose_state"
    HEARTBEAT = "heartbeat"
    TAKE = "take"
    END_OFFER = "end_offer"
    LEAVE = "leave"
    PART = "part"
    RETURN_CALLER = "return_caller"
    CITIZEN_ANSWERED = "citizen_answered"
    CONFIRM = "confirm"
    DECLINE = "decline"
    WRAP_UP = "wrap_up"
    PUT_ON_HOLD = "put_on_hold"
    RING_BACK = "ring_back"
    LAPSE = "lapse"
    EXPIRE_BROWSER = "expire_browser"
    WIDEN = "widen"
    MATCH = "match"
    ASSIGN = "assign"
    KNOW_AGENT = "know_agent"
    KNOW_LINES = "know_lines"
    RESTORE_TALK = "restore_talk"
    HEAR_PHONE = "hear_phone"
    WISH = "wish"
    STAND = "stand"
    FREE = "free"
    LOOK = "look"


Asked = tuple[Command, tuple[str | int, ...]]
_AT_ONCE = 200
_UNDER_WAY = 16
"""Commands of one process that are asked together. With two hundred, each would wait for all, and longer than allowed."""


@dataclass(frozen=True)
class Decision:
    """What became of a command: ``ok``, or the reason why not, and what happened in consequence, in order."""

    status: str
    facts: tuple[LineFact, ...] = ()


@cache
def library() -> tuple[str, str]:
    """Return the name and the text of the library with every command; the name changes whenever the text does."""
    shared = "".join((_FOLDER / name).read_text("utf-8") for name in _SHARED)
    bodies = {command: (_FOLDER / f"{command}.lua").read_text("utf-8") for command in Command}
    name = "kc_" + sha256("".join([shared, *bodies.values()]).encode()).hexdigest()[:12]
    functions = [f"command('{name}_{command}', function()\n{body}end)\n" for command, body in bodies.items()]
    return name, "".join([f"#!lua name={name}\n", shared, *functions])


class LiveLine:
    """One client's hold on the line. Any number of processes may have one: each decision is one atomic function."""

    def __init__(self, *, redis: Redis, new_id: NewId, policy: Policy) -> None:
        self.redis: Any = redis  # its types allow for bytes; our clients decode
        self._new_id = new_id
        self._gate = asyncio.Semaphore(_UNDER_WAY)
        self._rules = " ".join(str(_ms(span)) for span in (policy.offer, policy.lease, policy.avoid))
        self._rules += f" {policy.many} {policy.look_beyond}"

    async def run(self, command: Command, *own: str | int, now: datetime) -> Decision:
        """Run a command; ``flushed`` as status means that Redis was emptied and the line must be rebuilt first.

        Raises :class:`storage.redis.LiveStoreUnavailableError`; whether it was carried out is then unknown, and
        every command may be repeated.
        """
        async with self._gate, our_errors():
            answer = await self._call(command, *self._shared(now), *map(_plain, own))
        status, _, facts = answer.partition(" ")
        return Decision(status, read_facts(facts, at=milliseconds(now)))

    async def rebuild_with(self, work: Sequence[Asked], *, claim: str, now: datetime) -> bool:
        """Run these commands in order while others wait for the line; ``False`` when the claim to do so was lost."""
        name, text = library()
        shared = self._shared(now, claim=claim)
        async with our_errors():
            await self.redis.function_load(text, replace=True)
            for start in range(0, len(work), _AT_ONCE):
                pipe = self.redis.pipeline(transaction=False)
                for command, own in work[start : start + _AT_ONCE]:
                    pipe.fcall(f"{name}_{command}", 0, *shared, *own)
                if any(answer.startswith("flushed") for answer in await pipe.execute()):
                    return False
        return True

    def _shared(self, now: datetime, *, claim: str = "") -> tuple[str | int, ...]:
        return (milliseconds(now), self._new_id("off"), self._rules, claim)

    async def _call(self, command: Command, *arguments: str | int) -> str:
        name, text = library()
        try:
            return str(await self.redis.fcall(f"{name}_{command}", 0, *arguments))
        except ResponseError as error:
            if "not found" not in str(error).lower():
                raise
        await self.redis.function_load(text, replace=True)  # a new server, or a new version of us
        return str(await self.redis.fcall(f"{name}_{command}", 0, *arguments))

    async def is_standing(self, *, now: datetime) -> bool:
        """Tell whether the line is there; if not, Redis was emptied or is another, and nothing in it counts."""
        return (await self.run(Command.LOOK, now=now)).status != "flushed"

    async def party(self, leg: LegId) -> Party | None:
        """Tell whose connection a leg is in routing; ``None`` when we know nothing of it.

        An agent's leg has the name of its offer, and as long as there is no talk the offer tells.
        """
        async with our_errors():
            text = await self.redis.get(f"kc:party:{leg}")
            if text:
                return Party.read(text)
            if not leg.startswith("leg"):  # a caller's, which has the switch's name
                return None
            offer = f"off{leg[3:]}"
            names = ("leg", "state", "contact", "token")
            known, state, contact, token = await self.redis.hmget(f"kc:offer:{offer}", *names)
        if known != leg:
            return None
        is_on = state in (OfferState.PENDING, OfferState.ACCEPTED)
        return Party(ContactId(contact), OfferId(offer), int(token)) if is_on else Party.read("gone")

    async def released(self, legs: Sequence[LegId], *, before: int) -> list[LegId]:
        """Return those of these legs whose talk was over before an instant (milliseconds)."""
        if not legs:
            return []
        async with our_errors():
            found = await self.redis.mget([f"kc:party:{leg}" for leg in legs])
        parties = {leg: Party.read(text) for leg, text in zip(legs, found, strict=True) if text}
        return [leg for leg, party in parties.items() if party.is_over and party.over_since < before]

    async def connection(self, contact: ContactId) -> Connection | None:
        """Return where a contact is now, with its legs; ``None`` when it is not here."""
        return read_connection(contact, await self.fields(f"kc:contact:{contact}"))

    async def fields(self, key: str) -> dict[str, str]:
        """Return the fields of a hash, empty when there is none."""
        async with our_errors():
            found: dict[str, str] = await self.redis.hgetall(key)
        return found

    async def agent(self, agent: AgentId) -> dict[str, str]:
        """Return an agent's live record."""
        return await self.fields(f"kc:agent:{agent}")

    async def contacts(self) -> set[ContactId]:
        """Return every contact that is here."""
        async with our_errors():
            return {ContactId(contact) for contact in await self.redis.smembers("kc:contacts")}

    async def written(self, agent: AgentId) -> list[ContactId]:
        """Return the written contacts that an agent has."""
        async with our_errors():
            return sorted(ContactId(contact) for contact in await self.redis.smembers(f"kc:written:{agent}"))

    async def connections(self, contacts: Iterable[ContactId]) -> dict[ContactId, Connection | None]:
        """Return where each of these contacts is now, in few round trips."""
        names, here = list(contacts), dict[ContactId, Connection | None]()
        for start in range(0, len(names), _AT_ONCE):
            batch = names[start : start + _AT_ONCE]
            async with our_errors():
                pipe = self.redis.pipeline(transaction=False)
                for name in batch:
                    pipe.hgetall(f"kc:contact:{name}")
                found = await pipe.execute()
            here |= {name: read_connection(name, each) for name, each in zip(batch, found, strict=True)}
        return here

    async def waiting(self, queues: Iterable[str]) -> set[ContactId]:
        """Return those who wait in these queues."""
        async with our_errors():
            pipe = self.redis.pipeline(transaction=False)
            for queue in queues:
                pipe.zrange(f"kc:waiting:{queue}", 0, -1)
                pipe.zrange(f"kc:waiting_written:{queue}", 0, -1)
            return {ContactId(contact) for found in await pipe.execute() for contact in found}

    async def steps(self) -> dict[ContactId, int]:
        """Return the step of each contact that has taken one."""
        async with our_errors():
            found = await self.redis.hgetall("kc:at_step")
        return {ContactId(contact): int(step) for contact, step in found.items()}

    async def may_mend(self, who: str, *, now: datetime, hold: timedelta) -> bool:
        """Tell whether it is ``who`` that compares and mends; if nobody has for ``hold``, it is from now on.

        Two who ask at the same moment may both be told so, which does no harm.
        """
        async with our_errors():
            holder, _, till = str(await self.redis.get(_MENDING) or "").partition(" ")
            if holder not in ("", who) and int(till) > milliseconds(now):
                return False
            await self.redis.set(_MENDING, f"{who} {milliseconds(now + hold)}")
        return True

    @asynccontextmanager
    async def alone_dealing(self, *, hold: timedelta) -> AsyncIterator[bool]:
        """Tell whether nobody else deals out a batch, and keep others from it meanwhile, for ``hold`` at most."""
        claim = self._new_id("claim")
        async with our_errors():
            mine = bool(await self.redis.set(_DEALING, claim, nx=True, px=_ms(hold)))
        try:
            yield mine
        finally:
            if mine:
                async with our_errors():
                    if await self.redis.get(_DEALING) == claim:
                        await self.redis.delete(_DEALING)

    async def agents(self) -> dict[AgentId, dict[str, str]]:
        """Return the live records of all agents."""
        async with our_errors():
            names = sorted(await self.redis.smembers("kc:agents"))
            pipe = self.redis.pipeline(transaction=False)
            for name in names:
                pipe.hgetall(f"kc:agent:{name}")
            return {AgentId(name): found for name, found in zip(names, await pipe.execute(), strict=True)}

    async def pending(self) -> dict[OfferId, dict[str, str]]:
        """Return the offers that are being shown."""
        async with our_errors():
            names = await self.redis.zrange("kc:offers", 0, -1)
            pipe = self.redis.pipeline(transaction=False)
            for name in names:
                pipe.hgetall(f"kc:offer:{name}")
            return {OfferId(name): found for name, found in zip(names, await pipe.execute(), strict=True)}

    async def mark_rung(self, offer: OfferId) -> bool:
        """Note that the agent's phone has been rung for this offer; ``False`` when the offer is over."""
        key = f"kc:offer:{offer}"
        async with our_errors():
            state = await self.redis.hget(key, "state")
            if state == OfferState.PENDING:
                await self.redis.hset(key, "rung", "1")
        return state in (OfferState.PENDING, OfferState.ACCEPTED)

    async def rings(self, offer: OfferId) -> bool:
        """Tell whether a phone rings for this offer; none does for a written contact."""
        async with our_errors():
            return bool(await self.redis.hget(f"kc:offer:{offer}", "leg"))

    async def expect_answer(self, offer: OfferId, *, by: datetime) -> None:
        """Note that the agent has said yes: the phone is to be answered by then, or the offer lapses."""
        async with our_errors():
            pipe = self.redis.pipeline(transaction=False)
            pipe.hset(f"kc:offer:{offer}", "said_yes", "1")
            pipe.zadd("kc:offers", {offer: milliseconds(by)}, xx=True, lt=True)
            await pipe.execute()


def know_agent(agent: Agent, scarcity: int) -> Asked:
    """Return the command that has the line know what an agent can do."""
    skills, work = agent.skills.profile, (agent.capacity, int(agent.interruptible))
    return Command.KNOW_AGENT, (agent.id, skills, scarcity, int(agent.enabled), *work)


def read_connection(contact: ContactId, found: Mapping[str, Any]) -> Connection | None:
    """Read a contact's live record."""
    if not found.get("state"):
        return None
    return Connection(
        contact=contact,
        state=ContactState(found["state"]),
        leg=LegId(found.get("leg", "")),
        queue=found.get("queue", ""),
        line=found.get("line", ""),
        since=int(found.get("since") or 0),
        state_since=int(found.get("at") or 0),
        agent=AgentId(found.get("agent", "")),
        agent_leg=LegId(found.get("agent_leg", "")),
        offer=OfferId(found.get("offer", "")),
        token=int(found.get("token") or 0),
        on_hold=found.get("on_hold") == "1",
        callback=CallbackId(found.get("callback", "")),
        step=int(found.get("step") or 0),
        steps=found.get("steps", ""),
        ended_by=found.get("ended_by", ""),
        began=int(found.get("began") or 0),
    )


def _plain(value: str | int) -> str | int:
    """Let nothing into the line that could be taken for the mark between two facts."""
    if isinstance(value, int) or value.isprintable():
        return value
    return "".join(sign if sign.isprintable() else " " for sign in value)


def _ms(span: timedelta) -> int:
    return int(span / timedelta(milliseconds=1))
