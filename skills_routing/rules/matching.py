"""The decision rule, as plain as it can be said. The Lua line decides the same, with indexes; tests compare the two."""

from collections.abc import Collection, Iterable

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Waiting


def contact_for(agent: Idle, waiting: Collection[Waiting]) -> ContactId | None:
    """Choose for one free agent: of all whom the agent can serve the lowest rank, then the lowest id.

    Whoever comes first and has no room beside the agent's other work is waited for: nobody passes them.
    """
    first = _first_for(agent, waiting)
    return first.contact if first and has_room(agent, first) else None


def agent_for(contact: Waiting, idle: Collection[Idle], waiting: Collection[Waiting] = ()) -> AgentId | None:
    """Choose for one contact: of all free agents who can serve it the least scarce, then the longest idle, then by id.

    A call interrupts written work only where nobody is without work. ``waiting`` are the others in the line: an agent
    with written work is not for this contact while somebody before it needs the agent without other work.
    """
    able = [one for one in idle if can_serve(one, contact) and has_room(one, contact)]
    able = [one for one in able if not (one.load and waits_for_another(one, contact, waiting))]
    return (
        min(able, key=lambda one: (_interrupts(contact, one), one.scarcity, one.since, one.agent)).agent
        if able
        else None
    )


def can_serve(agent: Idle, contact: Waiting) -> bool:
    """Tell whether an agent could serve a contact, had they no other work."""
    if contact.weight > agent.capacity or agent.agent in contact.avoided:
        return False
    if not contact.weight and not agent.phone:
        return False
    return contact.requirement.met_by(agent.skills)


def has_room(agent: Idle, contact: Waiting) -> bool:
    """Tell whether an agent can take a contact beside the written work that they have."""
    if contact.weight:
        return agent.load + contact.weight <= agent.capacity
    return not agent.load or agent.interruptible


def waits_for_another(agent: Idle, contact: Waiting, waiting: Iterable[Waiting]) -> bool:
    """Tell whether the first whom the agent could serve comes before this contact, and has no room yet."""
    first = _first_for(agent, waiting)
    return first is not None and _place(first) < _place(contact) and not has_room(agent, first)


def _first_for(agent: Idle, waiting: Iterable[Waiting]) -> Waiting | None:
    return min((one for one in waiting if can_serve(agent, one)), key=_place, default=None)


def _place(contact: Waiting) -> tuple[int, ContactId]:
    return contact.rank, contact.contact


def _interrupts(contact: Waiting, agent: Idle) -> bool:
    return not contact.weight and agent.load > 0
