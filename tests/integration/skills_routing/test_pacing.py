"""Whatever happens, no citizen is rung first for whom no free agent is left: the line is held against the plain rule."""

import random

import pytest
from redis.asyncio import Redis

from core.ids import ContactId
from skills_routing.line.batch import both_sides
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.live_line import GENERATION, Command, LiveLine
from skills_routing.model import Waiting, instant, read_requirement
from skills_routing.rules.pacing import may_ring
from tests.integration.skills_routing.test_batch import NOW, line_of_its_own

AGENTS = {"asa": "a:1", "bo": "b:1", "carin": "a:1,b:1", "dag": "a:1,b:1", "eva": "b:1"}
LINES = ("a:1", "b:1")
STEPS = 400


class Life:
    """Agents, callers and promises in an order of chance, and what is seen of each ringing as it begins."""

    def __init__(self, redis: Redis, line: LiveLine, seed: int) -> None:
        self._redis, self._line, self._chance = redis, line, random.Random(seed)
        self._now = NOW
        self._contacts = 0
        self.rung_first = 0
        self.most_at_once = 0

    async def begin(self) -> None:
        await self._redis.set(GENERATION, "1")
        await self._run(Command.KNOW_LINES, *LINES)
        for agent, profile in AGENTS.items():
            await self._run(Command.KNOW_AGENT, agent, profile, 0, 1)

    async def step(self) -> None:
        self._now += self._chance.choice((0, 200, 3_000))
        for agent in AGENTS:
            await self._run(Command.HEARTBEAT, agent)
        await self._chance.choices(
            (self._agent, self._promise, self._caller, self._citizen, self._gives_up, self._offers, self._talks),
            (4, 4, 1, 4, 1, 4, 4),
        )[0]()

    async def _agent(self) -> None:
        agent = self._chance.choice(list(AGENTS))
        await self._run(Command.CHOOSE_STATE, agent, self._chance.choice(("READY", "READY", "NOT_READY")), "rast")

    async def _promise(self) -> None:
        await self._enter(leg="", callback=True)

    async def _caller(self) -> None:
        await self._enter(leg=f"leg_{self._contacts}", callback=False)

    async def _enter(self, *, leg: str, callback: bool) -> None:
        self._contacts += 1
        name = f"con_{self._contacts:04d}"
        since = self._now - self._chance.randint(0, 60_000)
        own = ("cbk_" + name, "0", "", "", "1") if callback else ("", "0", "", "", "")
        await self._run(Command.ENTER, name, leg, "kö", self._chance.choice(LINES), since, since, *own)

    async def _citizen(self) -> None:
        """One who is being rung answers and presses a key, says no, or does not answer."""
        contact, found = await self._somebody("dialled")
        if contact is None:
            return
        how = self._chance.choice(("confirm", "confirm", "decline", "no_answer"))
        if how == "no_answer":
            await self._run(Command.PART, contact, found["offer"], "no_answer")
            return
        await self._run(Command.CITIZEN_ANSWERED, contact, found["offer"])
        if how == "confirm":
            await self._run(Command.CONFIRM, contact, found["leg"])
        else:
            await self._run(Command.DECLINE, contact, found["leg"], "not_now")
            await self._run(Command.PART, contact, found["offer"], "normal")

    async def _gives_up(self) -> None:
        contact, _found = await self._somebody("waiting", "dialled")
        if contact is not None:
            await self._run(Command.LEAVE, contact, "hung_up")

    async def _offers(self) -> None:
        contact, found = await self._somebody("offered")
        if contact is None:
            return
        if self._chance.random() < 0.8:
            await self._run(Command.TAKE, found["offer"], found["token"])
        else:
            await self._run(Command.END_OFFER, found["offer"], found["token"], "REJECTED", "READY", "")

    async def _talks(self) -> None:
        contact, found = await self._somebody("calling", "talking", "wrap_up")
        if contact is None:
            return
        if found["state"] == "wrap_up":
            await self._run(Command.WRAP_UP, found["agent"], contact, "READY", "")
        else:
            await self._run(Command.PART, contact, found["offer"], "citizen")

    async def _somebody(self, *states: str) -> tuple[str | None, dict[str, str]]:
        found = {
            name: await self._redis.hgetall(f"kc:contact:{name}") for name in await self._redis.smembers("kc:contacts")
        }
        them = sorted(name for name, fields in found.items() if fields.get("state") in states)
        if not them:
            return None, {}
        name = self._chance.choice(them)
        return name, found[name]

    async def _run(self, command: Command, *own: str | int) -> None:
        decision = await self._line.run(command, *own, now=instant(self._now))
        for fact in decision.facts:
            if fact.fact is Kind.DIALLED:
                await self._was_right_to_ring(fact)

    async def _was_right_to_ring(self, fact: LineFact) -> None:
        idle, _waiting = await both_sides(self._line, now=instant(self._now))
        names = await self._redis.zrange("kc:dialled", 0, -1)
        ringing = [await self._rung(name) for name in names]
        [promise] = [one for one in ringing if one.contact == fact.contact]
        assert may_ring(promise, ringing=[one for one in ringing if one is not promise], idle=idle), (names, idle)
        self.rung_first += 1
        self.most_at_once = max(self.most_at_once, len(ringing))

    async def _rung(self, name: str) -> Waiting:
        fields = await self._redis.hgetall(f"kc:contact:{name}")
        return Waiting(ContactId(name), int(fields["rank"]), read_requirement(fields["line"]), rung_first=True)


@pytest.mark.parametrize("seed", range(4))
async def test_no_citizen_is_rung_first_but_for_a_free_agent_who_is_left_for_them(redis: Redis, seed: int) -> None:
    life = Life(redis, line_of_its_own(redis, many=0), seed)
    await life.begin()
    for _ in range(STEPS):
        await life.step()
    assert life.rung_first >= 10 and life.most_at_once >= 2, "it shows nothing when nobody is rung first"


async def test_however_many_are_had_in_mind_already_each_who_is_free_has_one_citizen_rung(redis: Redis) -> None:
    line = line_of_its_own(redis, many=0)
    await redis.set(GENERATION, 1)
    for number in range(25):
        await line.run(Command.KNOW_AGENT, f"agent{number:02d}", "a:1", 0, 1, now=instant(NOW))
        await line.run(Command.CHOOSE_STATE, f"agent{number:02d}", "READY", "", now=instant(NOW))
    for number in range(26):
        own = (f"con{number:02d}", "", "kö", "a:1", NOW + number, NOW, f"cbk{number:02d}", "0", "", "", "1")
        await line.run(Command.ENTER, *own, now=instant(NOW))
    assert await redis.zcard("kc:dialled") == 25
