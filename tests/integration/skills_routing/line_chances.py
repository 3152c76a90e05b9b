"""What the state machines draw from: agents, what they can do, and what is asked for."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from skills_routing.model import Need, Policy, Requirement, Skills

NAMES = ("asa", "bo", "carin", "dag")
REQUIREMENTS = tuple(
    Requirement(frozenset(needs))
    for needs in ([Need("a", 1)], [Need("a", 3)], [Need("b", 2)], [Need("a", 1), Need("b", 1)], [])
)
SKILLS = st.builds(lambda a, b: Skills((("a", a), ("b", b))), st.integers(1, 4), st.integers(1, 4))
AGENTS = st.sampled_from(NAMES)
LOOKS_NOWHERE = Policy(many=0, avoid=timedelta(0), look_beyond=0)
"""Nobody avoids anybody, so the line has to look past nobody: whoever is kept free, or busy, must not count as if they did."""
LATER = st.lists(st.tuples(st.sampled_from(REQUIREMENTS), st.sampled_from([2, 5, 12])), max_size=2)
WANTED = st.sampled_from(["", "", "", "asa", "bo", "nobody"])


def play(machine: type[RuleBasedStateMachine], *, url: str, policy: Policy, examples: int) -> None:
    """Let a state machine live so many lives on the Valkey of this address, by these rules."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        type(machine.__name__, (machine,), {"url": url, "policy": policy}),
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=quiet),
    )
