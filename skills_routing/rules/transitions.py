"""Which state may follow which, as tables. The Lua line keeps to them; tests check every step that it takes."""

from skills_routing.model import AgentState, ContactState, OfferState

AGENT: dict[AgentState, frozenset[AgentState]] = {
    AgentState.LOGGED_OFF: frozenset({AgentState.NOT_READY, AgentState.READY, AgentState.RESERVED}),
    AgentState.NOT_READY: frozenset(
        {AgentState.LOGGED_OFF, AgentState.NOT_READY, AgentState.READY, AgentState.RESERVED}
    ),
    AgentState.READY: frozenset({AgentState.LOGGED_OFF, AgentState.NOT_READY, AgentState.RESERVED}),
    AgentState.RESERVED: frozenset({AgentState.BUSY, AgentState.READY, AgentState.NOT_READY, AgentState.LOGGED_OFF}),
    AgentState.BUSY: frozenset(
        {AgentState.WRAP_UP, AgentState.NOT_READY, AgentState.READY, AgentState.LOGGED_OFF, AgentState.RESERVED}
    ),
    AgentState.WRAP_UP: frozenset({AgentState.READY, AgentState.NOT_READY, AgentState.LOGGED_OFF, AgentState.BUSY}),
}
"""RESERVED from NOT_READY is an agent who rings a citizen back. BUSY to NOT_READY is an agent whose phone was lost.
RESERVED from BUSY, and back, is an agent with written work who is offered more; WRAP_UP to BUSY goes back to that work."""

OFFER: dict[OfferState, frozenset[OfferState]] = {
    OfferState.PENDING: frozenset(OfferState) - {OfferState.PENDING},
    **{state: frozenset() for state in OfferState if state is not OfferState.PENDING},
}

CONTACT: dict[ContactState, frozenset[ContactState]] = {
    ContactState.WAITING: frozenset({ContactState.OFFERED, ContactState.DIALLED}),
    ContactState.DIALLED: frozenset({ContactState.WAITING, ContactState.OFFERED}),
    ContactState.OFFERED: frozenset({ContactState.WAITING, ContactState.TALKING, ContactState.CALLING}),
    ContactState.CALLING: frozenset({ContactState.TALKING}),
    ContactState.TALKING: frozenset({ContactState.WRAP_UP, ContactState.WAITING}),
    ContactState.WRAP_UP: frozenset(),
}
"""From every state a contact may also leave routing altogether."""

CHOSEN_BY_AGENT = frozenset({AgentState.LOGGED_OFF, AgentState.NOT_READY, AgentState.READY})
