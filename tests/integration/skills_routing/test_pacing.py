"""Whatever happens, no citizen is rung first for whom no free agent is left: the line is held against the plain rule."""

import random
from collections import Counter

import pytest
from redis.asyncio import Redis

from core.ids import ContactId
from skills_routing.explain.explaining import picture_of
from skills_routing.line.batch import both_sides
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.live_line import GENERATION, Command, LiveLine, read_connection
from skills_routing.model import Waiting, instant, read_requirement
from skills_routing.rules.assignment import assign
from skills_routing.rules.pacing import may_ring
from skills_routing.rules.reasons import avoided_by
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
        self.told: Counter[str] = Counter()
        self.dealt = 0

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

    async def everybody_comes_back(self) -> None:
        """As after an outage: as many log in at once as wait, and gather for a moment."""
        while (await self._somebody("offered", "calling", "talking", "wrap_up"))[0] is not None:
            await self._offers()
            await self._talks()
        for agent in AGENTS:
            await self._run(Command.CHOOSE_STATE, agent, "LOGGED_OFF", "")
        for _ in range(3):
            await self._enter(leg=f"leg_{self._contacts}", callback=False)
        for agent in AGENTS:
            await self._run(Command.CHOOSE_STATE, agent, "READY", "")

    async def sweep(self) -> None:
        """What the safety net finds, many at once in a batch; then nobody is next any more, unless all still gather."""
        status = await self._run(Command.MATCH)
        if status == "many":
            for pair in assign(*await both_sides(self._line, now=instant(self._now))):
                self.dealt += await self._run(Command.ASSIGN, *pair) == "ok"
        while await self._run(Command.MATCH, 1) == "ok":
            pass
        assert "next" not in [why for _, why in await self.reasons()]

    async def reasons(self) -> list[tuple[str, str]]:
        """What is told of each who waits and each agent who is free, held against a second, plain rule."""
        found = []
        till = (await self._redis.get(GENERATION) or "").partition(" ")[2]
        being_rung = {name: await self._fields(name) for name in await self._redis.zrange("kc:dialled", 0, -1)}
        pairs = {(fields["expected"], name) for name, fields in being_rung.items()}
        had_in_mind = {
            name for name in AGENTS if (name, await self._redis.hget(f"kc:agent:{name}", "expects")) in pairs
        }
        for name in sorted(await self._redis.smembers("kc:contacts")):
            fields = await self._fields(name)
            if fields["state"] != "waiting":
                continue
            connection = read_connection(ContactId(name), fields)
            assert connection is not None
            for one in (await picture_of(self._line, connection, fields, instant(self._now))).not_offered:
                why = self._why(one.agent, fields, till=int(till or 0), had_in_mind=had_in_mind)
                assert (name, one.agent, str(one.why)) == (name, one.agent, why)
                found.append((name, why))
        self.told.update(why for _, why in found)
        return found

    def _why(self, agent: str, contact: dict[str, str], *, till: int, had_in_mind: set[str]) -> str:
        if contact["line"] not in AGENTS[agent].split(","):
            return "lacks"
        if int(contact.get(f"avoid:{agent}", 0)) > self._now:
            return "declined"
        if till > self._now:
            return "gathering"
        is_to_be_rung = contact.get("citizen_first") == "1" and not contact.get("leg")
        return "expects" if is_to_be_rung and agent in had_in_mind else "next"

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

    async def _fields(self, contact: str) -> dict[str, str]:
        found: dict[str, str] = await self._redis.hgetall(f"kc:contact:{contact}")
        return found

    async def _run(self, command: Command, *own: str | int) -> str:
        decision = await self._line.run(command, *own, now=instant(self._now))
        for fact in decision.facts:
            if fact.fact is Kind.DIALLED:
                await self._was_right_to_ring(fact)
        return decision.status

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
        avoided = avoided_by(fields, now=self._now)
        return Waiting(ContactId(name), int(fields["rank"]), read_requirement(fields["line"]), avoided, rung_first=True)


@pytest.mark.parametrize("seed", range(4))
async def test_no_citizen_is_rung_first_but_for_a_free_agent_who_is_left_for_them(redis: Redis, seed: int) -> None:
    life = Life(redis, line_of_its_own(redis, many=0), seed)
    await life.begin()
    for _ in range(STEPS):
        await life.step()
    assert life.rung_first >= 10 and life.most_at_once >= 2, "it shows nothing when nobody is rung first"


@pytest.mark.parametrize("seed", range(2))
async def test_each_reason_that_is_told_is_that_of_a_second_plain_rule_and_many_are_dealt_out_at_once(
    redis: Redis, seed: int
) -> None:
    life = Life(redis, line_of_its_own(redis, many=2), seed)
    await life.begin()
    for number in range(STEPS // 4):
        if number % 10 == 0:
            await life.everybody_comes_back()
        await life.step()
        await life.reasons()
        if number % 3 == 0:
            await life.sweep()
    assert life.dealt >= 5 and {"lacks", "declined", "gathering", "expects"} <= set(life.told), life.told


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
