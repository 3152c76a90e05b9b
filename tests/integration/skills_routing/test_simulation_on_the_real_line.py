"""The same calls played against the Lua line on a real Valkey: every call is answered by the same agent, at the same time."""

import asyncio
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from core.ids import AgentId, ContactId
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.live_line import GENERATION, Command, LiveLine
from skills_routing.model import Agent, Idle, Need, Policy, Requirement, Skills, Waiting, instant, milliseconds
from skills_routing.simulation.calls import Break, Call, Player
from storage.redis import live

START = milliseconds(datetime(2026, 11, 24, 7, tzinfo=UTC))
TYPES = ("sjuk", "bostad", "foralder")
KINDS = [(("sjuk", 3),), (("sjuk", 2), ("bostad", 4)), (("bostad", 1), ("foralder", 3)), (("foralder", 5), ("sjuk", 1))]


class RealLine:
    """Plays on Redis what the player asks; whoever is offered a call takes it at once."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.redis = live(url)
        numbers = itertools.count(1)
        self.line = LiveLine(
            redis=self.redis, new_id=lambda prefix: f"{prefix}_{next(numbers)}", policy=Policy(lease=timedelta(days=9))
        )
        self.now = 0
        self.talks: dict[str, LineFact] = {}
        self.known: set[str] = set()
        self.wait(self.redis.flushall())
        self.wait(self.redis.set(GENERATION, 1))

    def close(self) -> None:
        self.wait(self.redis.aclose())
        self.loop.close()

    def wait(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    def run(self, command: Command, *own: str | int) -> LineFact | None:
        decision = self.wait(self.line.run(command, *own, now=instant(START + self.now)))
        assert decision.status == "ok", (command, decision.status)
        made = next((fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE), None)
        if made is not None:
            self.wait(self.line.run(Command.TAKE, made.offer, made.token, now=instant(START + self.now)))
            self.talks[made.agent] = made
        return made

    def enter(self, contact: Waiting) -> AgentId | None:
        self.now = contact.rank
        rank = START + contact.rank
        own = (contact.contact, f"leg_{contact.contact}", "kö", contact.requirement.line, rank, rank)
        made = self.run(Command.ENTER, *own)
        return made.agent if made else None

    def free(self, agent: Idle) -> ContactId | None:
        self.now = agent.since
        if agent.agent not in self.known:
            self.known.add(agent.agent)
            self.run(Command.KNOW_AGENT, agent.agent, agent.skills.profile, agent.scarcity, 1)
        talk = self.talks.pop(agent.agent, None)
        if talk is None:
            made = self.run(Command.CHOOSE_STATE, agent.agent, "READY", "")
        else:
            self.run(Command.PART, talk.contact, talk.offer, "citizen")
            made = self.run(Command.WRAP_UP, agent.agent, talk.contact, "READY", "")
        return made.contact if made else None

    def leave(self, contact: ContactId) -> None:
        self.run(Command.LEAVE, contact, "hung_up")

    def take_away(self, agent: AgentId) -> bool:
        if agent not in self.talks:
            self.run(Command.CHOOSE_STATE, agent, "NOT_READY", "paus")
            return True
        return False


def offered(count: int, seed: int) -> Iterator[Call]:
    chance, at = random.Random(seed), 0.0
    for _ in range(count):
        at += chance.expovariate(10 / 180)
        need = Requirement(frozenset({Need(chance.choice(TYPES), chance.choice((1, 1, 2)))}))
        yield Call(at, need, chance.expovariate(1 / 180), chance.expovariate(1 / 200))


def test_the_real_line_and_the_simulated_one_give_every_call_to_the_same_agent(valkey_url: str) -> None:
    staff = [Agent(AgentId(f"agent{number:02d}"), "", Skills(KINDS[number % 4])) for number in range(10)]
    breaks = [Break(staff[0].id, 900, 1500), Break(staff[5].id, 1000, 1200)]
    real = RealLine(valkey_url)
    try:
        on_redis = list(Player(staff, line=real, breaks=breaks).play(offered(250, 1)))
    finally:
        real.close()
    simulated = list(Player(staff, breaks=breaks).play(offered(250, 1)))
    assert on_redis == simulated
    assert sum(one.wait > 0 and one.agent is not None for one in simulated) > 50
    assert sum(one.agent is None for one in simulated) > 20
