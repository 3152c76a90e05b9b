"""Agents and contacts that do not name each other: who is busy with nobody, and with what nobody is busy. Pure.

Each decision changes both at once, so this comes of a loss only: of Redis' last seconds, or of a record in SQL.
"""

from collections.abc import Mapping

from core.ids import AgentId, ContactId
from skills_routing.line.connection import Connection
from skills_routing.model import AgentState, ContactState

AgentRecords = Mapping[AgentId, Mapping[str, str]]
_AT_WORK = frozenset({AgentState.RESERVED, AgentState.BUSY, AgentState.WRAP_UP})
_WITH_AGENT = frozenset({ContactState.CALLING, ContactState.TALKING, ContactState.WRAP_UP})


def at_work(agents: AgentRecords) -> dict[AgentId, ContactId]:
    """Return the call that each agent is busy with; ``""`` for one who is busy and has neither call nor written work."""
    return {
        agent: ContactId(found.get("contact", ""))
        for agent, found in agents.items()
        if found.get("state") in _AT_WORK and (found.get("contact") or not int(found.get("load") or 0))
    }


def busy_with_nobody(
    agents: AgentRecords, connections: Mapping[ContactId, Connection | None]
) -> dict[AgentId, ContactId]:
    """Return the agents whose call is not theirs, or is not there."""
    return {
        agent: contact
        for agent, contact in at_work(agents).items()
        if (connection := connections.get(contact)) is None or connection.agent != agent
    }


def left_alone(agents: AgentRecords, connection: Connection) -> bool:
    """Tell whether this contact's agent is with somebody else, or with nobody. What is written has no leg, and waits."""
    if connection.state not in _WITH_AGENT or not connection.leg:
        return False
    return agents.get(connection.agent, {}).get("contact", "") != connection.contact
