"""A run in which nothing went wrong because nothing happened proves nothing, and says so."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.__main__ import is_proof
from tests.proof.faults import KINDS, Faults, kinds_of
from tests.proof.reading import Violation
from tests.proof.run import Result
from tests.proof.scale import FULL, SHORT

ENOUGH = Result(
    seed=7,
    history=Path("history"),
    seconds=1.0,
    violations=[],
    counts={"bridged": 2_500, "tried": 125, "kept": 200, "event_lost": 1},
    widened=10,
    faults=list(KINDS),
)


def fewer(kind: str) -> Result:
    return replace(ENOUGH, counts={**ENOUGH.counts, kind: ENOUGH.counts[kind] - 1})


SHORTFALLS: list[tuple[str, Callable[[], Result]]] = [
    ("2499 bridged, at least 2500", lambda: fewer("bridged")),
    ("124 tried, at least 125", lambda: fewer("tried")),
    ("199 kept, at least 200", lambda: fewer("kept")),
    ("0 event_lost, at least 1", lambda: fewer("event_lost")),
    ("9 steps taken, at least 10", lambda: replace(ENOUGH, widened=9)),
    *(
        (f"no {kind} happened", lambda kind=kind: replace(ENOUGH, faults=[k for k in KINDS if k != kind]))
        for kind in KINDS
    ),
]


@pytest.mark.parametrize(("said", "run"), SHORTFALLS, ids=[said for said, _ in SHORTFALLS])
def test_a_run_with_too_little_in_it_proves_nothing(
    said: str, run: Callable[[], Result], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not is_proof(run(), FULL)
    assert f"proves nothing: {said}" in capsys.readouterr().out


def test_a_run_with_enough_in_it_and_nothing_wrong_is_a_proof() -> None:
    assert is_proof(ENOUGH, FULL)
    assert not is_proof(replace(ENOUGH, violations=[Violation("lost", "somebody")]), FULL)


def test_as_many_seeds_on_end_as_there_are_parts_have_every_kind_of_fault() -> None:
    for first in range(SHORT.parts):
        seeds = range(first, first + SHORT.parts)
        assert sorted(kind for seed in seeds for kind in kinds_of(SHORT, seed)) == list(KINDS)
    assert all(callable(getattr(Faults, kind)) for kind in KINDS)
