"""Reads the live line's records into what the forecast is asked with. Pure: whoever calls has fetched them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from core.ids import AgentId, ContactId
from skills_routing.forecast.forecast import WORKING, AgentNow, LineSnapshot, StepAhead
from skills_routing.model import (
    AgentState,
    Requirement,
    Waiting,
    instant,
    milliseconds,
    read_requirement,
    read_skills,
    weight_of,
)

Fields = Mapping[str, str]
Heads = Sequence[tuple[str, float]]
"""Who waits in a line, with the rank, as a sorted set gives them."""

_NEWCOMER, _UNWIDENED = "new ", "!"
"""No id of a contact has a space or an exclamation mark in it; the mark comes before every letter."""


def read_snapshot(
    *,
    lines: Mapping[str, Heads],
    agents: Mapping[AgentId, Fields],
    in_hand: Mapping[ContactId, Fields],
    now: datetime,
    steps: Sequence[StepAhead] = (),
    staying: Collection[ContactId] = (),
    newcomers: Iterable[str] = (),
) -> LineSnapshot:
    """Return the line as the records tell it.

    ``lines`` are the sorted sets of the live line by name, ``agents`` and ``in_hand`` the hashes of all agents and of
    the contacts that they have. ``newcomers`` are lines about which we want to know how long somebody would wait who
    came in now; :func:`newcomer` is by what name that is told. Of those ``staying`` we want to know how long they would
    wait if no step came, by the name :func:`unwidened`.
    """
    waiting = [
        Waiting(ContactId(contact), int(rank), requirement)
        for requirement, heads in (
            (read_requirement(line), heads) for line, heads in lines.items() if not weight_of(line)
        )
        for contact, rank in heads
    ]
    imagined = [Waiting(unwidened(one.contact), one.rank, one.requirement) for one in waiting if one.contact in staying]
    imagined += [Waiting(newcomer(line), milliseconds(now), read_requirement(line)) for line in sorted(set(newcomers))]
    wanted = {one.requirement.agent for one in waiting}
    return LineSnapshot(
        waiting=[*waiting, *imagined],
        agents=[_agent(name, found, in_hand, name in wanted) for name, found in agents.items() if found.get("state")],
        steps=steps,
        imagined=frozenset(one.contact for one in imagined),
    )


def newcomer(line: str) -> ContactId:
    """Return the name of somebody who would come to the end of a line now."""
    return ContactId(_NEWCOMER + line)


def unwidened(contact: ContactId) -> ContactId:
    """Return the name of a contact as it would be if its requirement never widened."""
    return ContactId(_UNWIDENED + contact)


def at_work_on(agents: Mapping[AgentId, Fields]) -> list[ContactId]:
    """Return the contacts that agents have in hand, whose records tell since when."""
    return [
        ContactId(found["contact"])
        for found in agents.values()
        if found.get("state") in WORKING and found.get("contact")
    ]


def _agent(name: AgentId, found: Fields, in_hand: Mapping[ContactId, Fields], is_wanted: bool) -> AgentNow:
    state = AgentState.READY if _interrupts(found) else AgentState(found["state"])
    can_be_rung = found.get("phone") != "gone"
    if state is AgentState.READY and not can_be_rung:
        state = AgentState.NOT_READY
    contact = in_hand.get(ContactId(found.get("contact", "")), {}) if state in WORKING else {}
    skills = read_skills(found.get("profile", ""))
    return AgentNow(
        agent=name,
        skills=skills.of(name) if is_wanted else skills,  # else all who can do the same stay one kind, which is quicker
        state=state,
        since=_since(state, found, contact),
        scarcity=int(found.get("scarcity") or 0),
        requirement=_needed(contact),
        leaves=found.get("next", "") not in ("", AgentState.READY) or not can_be_rung,
    )


def _interrupts(agent: Fields) -> bool:
    """Tell whether an agent has written work only, and lays it aside for a call."""
    busy = agent.get("state") == AgentState.BUSY and not agent.get("contact") and not agent.get("next")
    return busy and int(agent.get("load") or 0) > 0 and agent.get("interruptible") == "1"


def _since(state: AgentState, agent: Fields, contact: Fields) -> datetime:
    """The work began when the talk did; without that we know of its last change only, and expect too long a rest."""
    began = contact.get("began") if state is AgentState.WRAP_UP else None
    return instant(int(began or agent.get("since") or 0))


def _needed(contact: Fields) -> Requirement | None:
    line = contact.get("line", "")
    return read_requirement(line) if line else None
