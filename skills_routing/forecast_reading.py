"""Reads the live line's records into what the forecast is asked with. Pure: whoever calls has fetched them."""

from collections.abc import Mapping
from datetime import datetime

from core.ids import AgentId, ContactId
from skills_routing.explaining import read_requirement, read_skills
from skills_routing.forecast import WORKING, AgentNow, LineSnapshot
from skills_routing.model import AgentState, ContactState, Waiting, instant

Fields = Mapping[str, str]


def read_snapshot(
    contact: ContactId,
    *,
    contacts: Mapping[ContactId, Fields],
    agents: Mapping[AgentId, Fields],
    began: Mapping[ContactId, datetime] | None = None,
) -> LineSnapshot:
    """Return the line as the records tell it.

    ``contacts`` and ``agents`` are the hashes of the live line by id. ``began`` says when the talk of a contact that is
    being wrapped up began; without it the forecast takes the beginning of the wrap-up, and expects too long a rest.
    """
    waiting = [
        Waiting(name, int(found["rank"]), read_requirement(found["line"]))
        for name, found in contacts.items()
        if found.get("state") == ContactState.WAITING
    ]
    read = [_agent(name, found, contacts, began or {}) for name, found in agents.items() if found.get("state")]
    return LineSnapshot(contact, waiting, read)


def _agent(
    name: AgentId, found: Fields, contacts: Mapping[ContactId, Fields], began: Mapping[ContactId, datetime]
) -> AgentNow:
    state = AgentState(found["state"])
    contact = ContactId(found.get("contact", "")) if state in WORKING else ContactId("")
    line = contacts.get(contact, {}).get("line", "")
    return AgentNow(
        agent=name,
        skills=read_skills(found.get("profile", "")),
        state=state,
        since=began.get(contact, instant(int(found.get("since") or 0))),
        scarcity=int(found.get("scarcity") or 0),
        requirement=read_requirement(line) if line else None,
        leaves=found.get("next", "") not in ("", AgentState.READY),
    )
