"""Many agents and many contacts at once: who gets whom when an outage or a mass log-in brings both together. Pure.

One agent after the other (``matching.py``) takes the lowest rank that this agent can serve, and may so take it from an
agent who can serve nobody else. Together, as many as possible are served, and the same order holds: nobody is left out
for somebody of a higher rank.
"""

from collections.abc import Collection, Sequence

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Waiting
from skills_routing.rules.matching import can_serve, has_room, waits_for_another

MOST = 400
"""How many of either side are taken at a time, the lowest ranks first: 0.1 s of one core."""

Pairs = tuple[tuple[ContactId, AgentId], ...]


def load() -> None:
    """Load what :func:`assign` computes with, which takes a second of a busy machine: before the outage, not after it."""
    import scipy.optimize  # noqa: F401 # not with every command of ours, which has no line to deal out


def assign(idle: Collection[Idle], waiting: Collection[Waiting], *, most: int = MOST) -> Pairs:
    """Return who gets whom, in order of rank, at most one contact for each agent.

    Of the contacts, in order of rank, each is served that can be besides those before it; by the agents whose skills
    are the least scarce, then the longest idle. (Sets that can be served together are a matroid, so weights that fall
    with the rank choose just that set, and weights by place in the agents' order the agents.)
    """
    contacts = sorted(waiting, key=lambda one: (one.rank, one.contact))[:most]
    agents = sorted(idle, key=lambda one: (one.load > 0, one.scarcity, one.since, one.agent))
    allowed = _allowed(agents, contacts)
    useful = [column for column in range(len(agents)) if any(row[column] for row in allowed)][:most]
    if not useful:
        return ()
    pairs = _best([[row[column] for column in useful] for row in allowed])
    return tuple((contacts[row].contact, agents[useful[column]].agent) for row, column in pairs)


def _allowed(agents: Sequence[Idle], contacts: Sequence[Waiting]) -> list[list[bool]]:
    """Tell for each contact (row) which agents (columns) may have it; those who are alike are looked at once."""
    known: dict[tuple[int, int], bool] = {}
    kinds: dict[object, int] = {}
    can = [kinds.setdefault((agent.skills, agent.capacity, agent.phone), len(kinds)) for agent in agents]
    asks = [kinds.setdefault((contact.requirement, contact.weight), len(kinds)) for contact in contacts]

    def may(row: int, column: int) -> bool:
        agent, contact = agents[column], contacts[row]
        if agent.load or contact.avoided:
            return _may(agent, contact, contacts)
        alike = (asks[row], can[column])
        if alike not in known:
            known[alike] = _may(agent, contact, contacts)
        return known[alike]

    return [[may(row, column) for column in range(len(agents))] for row in range(len(contacts))]


def _may(agent: Idle, contact: Waiting, contacts: Sequence[Waiting]) -> bool:
    if not can_serve(agent, contact) or not has_room(agent, contact):
        return False
    return not (agent.load and waits_for_another(agent, contact, contacts))


def _best(allowed: Sequence[Sequence[bool]]) -> list[tuple[int, int]]:
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    may = np.array(allowed, dtype=bool)
    rows, columns = may.shape
    rank_unit = columns * min(rows, columns) + 1  # more than all places of agents together
    cost = np.where(may, np.arange(columns) - rank_unit * (rows - np.arange(rows))[:, None], 0).astype(float)
    pairs = zip(*(side.tolist() for side in linear_sum_assignment(cost)), strict=True)
    return [(row, column) for row, column in pairs if may[row, column]]
