"""How large a proof is, and who is in it: agents with skills and sites, callers with a wish and some patience."""

import random
from dataclasses import dataclass
from typing import Any

from core.ids import AgentId
from core.language import Language
from skills_routing.configuration import RoutingConfiguration, load_routing
from skills_routing.model import Agent, Skills

SKILLS_YAML = """
skills:
  - {id: foralder, label: Barn och familj, kind: benefit}
  - {id: sjuk, label: Sjuk, kind: benefit}
  - {id: allmant, label: Allmänna frågor, kind: benefit}
  - {id: svenska, label: svenska, kind: language, language: sv}
  - {id: engelska, label: engelska, kind: language, language: en}
"""
QUEUES_YAML = """
queues:
  - id: foralder
    label: {sv: Barn, en: Children}
    requirement: [{skill: foralder, level: 2}]
    preferred: [{skill: foralder, level: 4}]
    steps: [{after_seconds: 15}]
  - {id: sjuk, label: {sv: Sjuk, en: Illness}, requirement: [{skill: sjuk, level: 1}]}
  - {id: allmant, label: {sv: Annat, en: Other}, requirement: [{skill: allmant, level: 1}], head_start_seconds: 10}
"""
PREFERRED = {"foralder": ("foralder", 4, 15.0)}
"""Once more, for the checker: what is asked for besides, at which level, and for how long."""
HEAD_STARTS = {"allmant": 10.0}
QUEUES = ("foralder", "sjuk", "allmant")
SITES = ("Luleå", "Visby", "Västerås")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Sizes; all seconds but ``speed`` are the proof's own, of which ``speed`` pass in one real second."""

    routers: int
    agents: int
    contacts: int
    speed: float
    arrive_over: float
    rounds_of_faults: int
    deadline: float
    talk: tuple[float, float] = (4.0, 20.0)
    fault_every: float = 11.0
    parts: int = 1
    """Each seed has every so-manyth of the kinds of fault, so that as many seeds on end have them all."""
    promises: float = 0.1
    """The share of citizens who are rung back instead of waiting on the line."""

    @property
    def at_once(self) -> int:
        """How many callers there are at most: a slow machine takes longer, and is not buried."""
        return self.agents * 5 // 2


SHORT = Scale(
    routers=4,
    agents=30,
    contacts=80,
    speed=4.0,
    arrive_over=24,
    rounds_of_faults=1,
    deadline=300,
    talk=(3, 9),
    fault_every=5.0,
    parts=3,
    promises=0.15,
)
FULL = Scale(
    routers=20,
    agents=500,
    contacts=5_000,
    speed=1.5,
    arrive_over=500,
    rounds_of_faults=6,
    deadline=2_400,
    talk=(4, 20),
)


def configuration() -> RoutingConfiguration:
    """A configuration of the proof's own, so that what an operator edits never changes what is proven."""
    return load_routing(queues=QUEUES_YAML, skills=SKILLS_YAML)


def needs(queue: str, language: str) -> dict[str, int]:
    """What an agent must be able to do, said once more and plainly: the checker trusts no code of the product."""
    benefit = {"foralder": 2, "sjuk": 1, "allmant": 1}[queue]
    return {queue: benefit, {"sv": "svenska", "en": "engelska"}[language]: 1}


def everybody(scale: Scale, chance: random.Random) -> list[Agent]:
    """Agents whose skills overlap; all speak Swedish, a third English, and each skill is had by several."""
    found = []
    for number in range(scale.agents):
        benefits = chance.sample(QUEUES, chance.choice((1, 2, 2, 3)))
        levels = {benefit: chance.randint(2, 5) for benefit in benefits} | {"svenska": 5}
        if "foralder" in levels and chance.random() < 0.2:
            levels["foralder"] = 1  # not enough for that queue
        if number % 3 == 0:
            levels["engelska"] = 3
        skills = Skills(tuple(sorted(levels.items())))
        found.append(Agent(AgentId(f"agent{number:03d}"), f"Agent {number}", skills, SITES[number % 3]))
    return found


def wishes(scale: Scale, chance: random.Random) -> list[dict[str, Any]]:
    """Callers in the order of their arrival: as many at once as there are agents, the rest spread out; one in eight will not wait long."""
    found = []
    for number in range(scale.contacts):
        at = 0.0 if number < scale.agents else chance.uniform(0, scale.arrive_over)
        language = Language.ENGLISH if chance.random() < 0.15 else Language.SWEDISH
        patience = chance.uniform(2, 60) if chance.random() < 0.12 else 0.0
        promised = chance.random() < scale.promises
        found.append(
            {
                "at": at,
                "queue": chance.choice(QUEUES),
                "language": language,
                "patience": 0.0 if promised else patience,
                "promised": promised,
            }
        )
    return sorted(found, key=lambda wish: wish["at"])
