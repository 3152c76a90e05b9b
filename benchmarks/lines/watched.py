"""Asks every estimate what it says to callers who begin to wait, and waits for the truth."""

import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush

from core.ids import ContactId
from skills_routing.forecast.estimates import OneQueue
from skills_routing.forecast.forecast import AgentNow, Forecast, LineSnapshot, foresee
from skills_routing.forecast.history import History, Passing
from skills_routing.model import Agent, AgentState, Requirement, Waiting, instant, scarcities
from skills_routing.simulation.calls import Break, Call, Ended, Player

KEPT = 2000
"""So many of the last handling times of each line are remembered."""


@dataclass
class Said:
    """What was said to one caller, in seconds, and how long the wait was."""

    call: Call
    place: int
    by: dict[str, float]
    forecast: Forecast | None
    wait: float = -1.0


@dataclass
class Memory:
    """What was measured; it lasts from one day to the next."""

    handlings: dict[Requirement, deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=KEPT)))
    queues: dict[Requirement, OneQueue] = field(default_factory=lambda: defaultdict(OneQueue))
    ratios: dict[Requirement, float] = field(default_factory=lambda: defaultdict(lambda: 1.0))
    last_wait: dict[Requirement, float] = field(default_factory=lambda: defaultdict(float))
    waited: float = 0.0
    gave_up: int = 0
    returned: dict[Requirement, deque[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=200))
    )

    def history(self, now: float) -> History:
        """What the forecast goes by. Callbacks of the last hour will come at the same rate, with their head start."""
        passing = []
        for requirement, some in self.returned.items():
            recent = [head_start for at, head_start in some if at > now - 3600]
            if recent:
                mean = timedelta(seconds=sum(recent) / len(recent))
                passing.append(Passing(requirement, len(recent) / 3600, mean))
        patience = self.waited / self.gave_up if self.gave_up > 20 else None
        return History(handlings=self.handlings, patience=patience, passing=passing)


class Day:
    """One run over calls, in which a part of those who begin to wait are told something."""

    def __init__(
        self,
        memory: Memory,
        team: Sequence[Agent],
        *,
        chance: random.Random,
        asks: Callable[[Call], bool],
        breaks: Sequence[Break] = (),
        blind: float = 0.0,
    ) -> None:
        self.memory, self.team, self.chance, self.asks = memory, team, chance, asks
        self.player = Player(team, breaks=breaks, watch=self.watch)
        self.scarcity = scarcities(team)
        self.blind = blind
        self.said: dict[int, Said] = {}
        self.ends: list[tuple[float, int, Call]] = []

    def play(self, calls: Iterable[Call]) -> list[Said]:
        """Play the calls and return what was said, with the truth beside it."""
        for number, ended in enumerate(self.player.play(calls)):
            self.learn(ended, number)
            if (said := self.said.get(id(ended.call))) is not None and ended.agent is not None:
                said.wait = ended.wait
                fluid = said.by["opensips"]
                if fluid > 0:
                    ratio = self.memory.ratios[said.call.requirement]
                    self.memory.ratios[said.call.requirement] = ratio + 0.1 * (said.wait / fluid - ratio)
        return [said for said in self.said.values() if said.wait >= 0]

    def learn(self, ended: Ended, number: int) -> None:
        call, memory, now = ended.call, self.memory, ended.call.at + ended.wait
        while self.ends and self.ends[0][0] <= now:
            _, _, over = heappop(self.ends)
            memory.handlings[over.requirement].append(over.handling)
            memory.queues[over.requirement].ended(handling=over.handling)
        memory.waited += ended.wait
        if ended.agent is None:
            memory.gave_up += 1
            return
        if call.head_start:
            memory.returned[call.requirement].append((call.at, call.head_start))
        else:
            memory.queues[call.requirement].answered(wait=ended.wait)
            memory.last_wait[call.requirement] = ended.wait
        heappush(self.ends, (now + call.handling, number, call))

    def watch(self, player: Player, now: float, contact: ContactId, call: Call) -> None:
        if not self.asks(call):
            return
        waiting = [
            Waiting(each, round((one.at - one.head_start) * 1000), one.requirement)
            for each, one in player.waiting.items()
        ]
        team = [agent for agent in self.team if self.chance.random() >= self.blind]
        found = foresee(
            LineSnapshot(waiting, [self.seen(agent, player, now) for agent in team]),
            self.memory.history(now),
            instant(round(now * 1000)),
            chance=self.chance.random,
        ).get(contact)
        queue, memory = self.memory.queues[call.requirement], self.memory
        place = sum(one.requirement == call.requirement for one in player.waiting.values())
        able = sum(agent.id not in player.away and call.requirement.met_by(agent.skills) for agent in self.team)
        fluid = queue.opensips(place=place, agents=able)
        by = {
            "app_queue": queue.app_queue(),
            "wazo": queue.wazo(ahead=place - 1),
            "opensips": fluid,
            "handling x place": queue.handling_times_place(place=place),
            "last wait": memory.last_wait[call.requirement],
            "opensips, fitted to recent waits": fluid * memory.ratios[call.requirement],
        }
        if found is not None:
            by["forecast"] = found.expected.total_seconds()
        self.said[id(call)] = Said(call, place, by, found)

    def seen(self, agent: Agent, player: Player, now: float) -> AgentNow:
        work = player.busy.get(agent.id)
        if work is not None:
            since = instant(round(work[0] * 1000))
            leaves = agent.id in player.away
            return AgentNow(
                agent.id, agent.skills, AgentState.BUSY, since, self.scarcity[agent.id], work[1].requirement, leaves
            )
        state = AgentState.NOT_READY if agent.id in player.away else AgentState.READY
        return AgentNow(agent.id, agent.skills, state, instant(round(now * 1000)), self.scarcity[agent.id])
