"""The decision rule, as plain as it can be said. The Lua line decides the same, with indexes; tests compare the two."""

from collections.abc import Collection

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Waiting


def contact_for(agent: Idle, waiting: Collection[Waiting]) -> ContactId | None:
    """Choose for one free agent: of all whom the agent can serve the lowest rank, then the lowest id."""
    able = [one for one in waiting if one.requirement.met_by(agent.skills) and agent.agent not in one.avoided]
    return min(able, key=lambda one: (one.rank, one.contact)).contact if able else None


def agent_for(contact: Waiting, idle: Collection[Idle]) -> AgentId | None:
    """Choose for one contact: of all free agents who can serve it the least scarce, then the longest idle, then by id."""
    able = [one for one in idle if contact.requirement.met_by(one.skills) and one.agent not in contact.avoided]
    return min(able, key=lambda one: (one.scarcity, one.since, one.agent)).agent if able else None
