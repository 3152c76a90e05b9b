"""The published state machine of a contact (I-04): which state may follow which. Pure.

self_service ⇄ waiting → talking → waiting (the agent was lost: back at the same place)
                          talking → self_service (the conversation is over, the caller is still there)
any of them → ended, and nothing follows it
"""

from collections.abc import Mapping, Sequence

from contacts.model import State

ARROWS: Mapping[State, frozenset[State]] = {
    State.SELF_SERVICE: frozenset({State.WAITING, State.TALKING, State.ENDED}),
    State.WAITING: frozenset({State.SELF_SERVICE, State.TALKING, State.ENDED}),
    State.TALKING: frozenset({State.SELF_SERVICE, State.WAITING, State.ENDED}),
    State.ENDED: frozenset(),
}


def may_follow(before: State, after: State) -> bool:
    """Tell whether a contact may go from one state to the other; staying where it is always may."""
    return before is after or after in ARROWS[before]


def is_a_path(states: Sequence[State]) -> bool:
    """Tell whether these states, in order, are a life that the machine allows, from its first second."""
    if not states or states[0] is not State.SELF_SERVICE:
        return not states
    return all(may_follow(before, after) for before, after in zip(states, states[1:], strict=False))
