"""When a citizen may be rung before an agent is (ADR 0020), as plain as it can be said. Pure.

The Lua line decides so with indexes (``line/lua/pacing.lua``): there each citizen who is being rung has one free agent in
mind, and no agent is had in mind for two. A test holds every decision of it against this.
"""

from collections.abc import Collection

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Waiting
from skills_routing.rules.matching import can_serve, has_room


def may_ring(promise: Waiting, *, ringing: Collection[Waiting], idle: Collection[Idle]) -> bool:
    """Tell whether a citizen may be rung: a free agent is left for them when all who compete with them have theirs.

    ``ringing`` are those who are being rung already. One of them for whom no agent is free any more competes with nobody.
    """
    return len(_served([*ringing, promise], idle)) > len(_served(ringing, idle))


def others_come_first(agent: Idle, waiting: Collection[Waiting]) -> bool:
    """Tell whether an agent is wanted by somebody who is not to be rung first, and would be gone when a citizen answers.

    Then a promise whose turn it is is offered to the agent, as any contact is, and the citizen rung after their yes.
    """
    return any(can_serve(agent, one) for one in waiting if not one.rung_first)


def _served(contacts: Collection[Waiting], idle: Collection[Idle]) -> dict[AgentId, Waiting]:
    """Return the most contacts that can have an agent each, by augmenting paths (Berge 1957)."""
    served: dict[AgentId, Waiting] = {}
    for contact in contacts:
        _find_agent(contact, idle, served, set())
    return served


def _find_agent(
    contact: Waiting, idle: Collection[Idle], served: dict[AgentId, Waiting], seen: set[AgentId | ContactId]
) -> bool:
    for agent in idle:
        if agent.agent in seen or not can_serve(agent, contact) or not has_room(agent, contact):
            continue
        seen.add(agent.agent)
        before = served.get(agent.agent)
        if before is None or _find_agent(before, idle, served, seen):
            served[agent.agent] = contact
            return True
    return False
