"""What ``make bench`` says of all benchmarks: every one is run, and none can fail unseen."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as every
from benchmarks.__main__ import Run, main, names, read_last, table
from benchmarks.lines.report import Bound, report


def said(**changes: Any) -> dict[str, Any]:
    whole = {"bench": "x", "figures": {"ratio": 0.03}, "bounds": {"ratio": {"at_most": 0.05}}, "holds": True}
    return {**whole, **changes}


def test_every_module_of_the_folder_is_a_benchmark_and_is_named_in_the_readme() -> None:
    folder = Path(every.__file__).parent
    readme = (folder / "README.md").read_text("utf-8")
    assert {"dispatch", "pooling", "recheck", "nodes", "growth", "wait_estimate"} <= set(names())
    assert [name for name in names() if f"`{name}`" not in readme] == []


def test_the_table_shows_each_bound_and_marks_the_one_that_does_not_hold() -> None:
    good = Run("good", 1.0, 0, said())
    bad = Run("bad", 1.0, 1, said(figures={"ratio": 0.07}, holds=False))
    lines = table([good, bad])
    assert any("good" in line and "0.03" in line and "<= 0.05" in line for line in lines)
    assert [line.split()[0] for line in lines if "DOES NOT HOLD" in line] == ["bad"]


def test_a_negative_control_that_keeps_its_bound_is_marked() -> None:
    lines = table([Run("blunt", 1.0, 1, said(bounds={"ratio": {"must_fail_at_most": 0.05}}, holds=False))])
    assert "must be > 0.05" in lines[-1] and "DOES NOT HOLD" in lines[-1]
    lines = table([Run("blunt", 1.0, 1, said(bounds={"ratio": {"must_fail_at_least": 0.01}}, holds=False))])
    assert "must be < 0.01" in lines[-1] and "DOES NOT HOLD" in lines[-1]


@pytest.mark.parametrize(
    ("bound", "kept_by"),
    [
        (Bound(at_most=1.0), {0.5: True, 1.0: True, 1.5: False}),
        (Bound(at_least=1.0), {0.5: False, 1.0: True, 1.5: True}),
        (Bound(must_fail_at_most=1.0), {0.5: False, 1.0: False, 1.5: True}),
        (Bound(must_fail_at_least=1.0), {0.5: True, 1.0: False, 1.5: False}),
    ],
)
def test_a_control_holds_when_the_bound_that_it_must_break_is_broken(bound: Bound, kept_by: dict[float, bool]) -> None:
    assert {figure: bound.holds(figure) for figure in kept_by} == kept_by


@pytest.mark.parametrize("line", ["", "Traceback (most recent call last):", "[1, 2]", '{"bench": "x"}'])
def test_a_benchmark_that_ends_without_its_object_does_not_hold(line: str) -> None:
    broken = Run("broken", 1.0, 0, read_last(line))
    assert not broken.holds
    assert "said nothing that could be read" in table([broken])[-1]


def test_one_that_says_it_holds_and_ends_with_an_error_does_not_hold() -> None:
    assert Run("x", 1.0, 0, said()).holds
    assert not Run("x", 1.0, 1, said()).holds


@pytest.mark.parametrize(("second", "status"), [(said(), 0), (said(holds=False), 1)])
def test_all_together_end_well_only_when_each_does(
    second: dict[str, Any], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"first": said(), "second": second}
    monkeypatch.setattr(every, "run", lambda name: Run(name, 60.0, 0, answers[name]))
    assert main(["first", "second"]) == status
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last == {"bench": "all", "seconds": {"first": 60, "second": 60}, "holds": status == 0}


@pytest.mark.parametrize(
    ("bound", "figure", "holds"),
    [
        (Bound(at_most=0.05), 0.05, True),
        (Bound(at_most=0.05), 0.051, False),
        (Bound(at_least=0.8), 0.8, True),
        (Bound(at_least=0.8), 0.79, False),
        (Bound(must_fail_at_most=0.05), 0.5, True),  # the negative control fails, as it should
        (Bound(must_fail_at_most=0.05), 0.05, False),
        (Bound(at_most=0.05), float("inf"), False),  # nothing was measured
        (Bound(at_most=0.05), float("nan"), False),
    ],
)
def test_a_report_ends_with_an_object_that_tells_whether_its_bounds_hold(
    bound: Bound, figure: float, holds: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report("x", {"ratio": figure}, {"ratio": bound}) == (0 if holds else 1)
    last = read_last(capsys.readouterr().out.splitlines()[-1])
    assert last["holds"] is holds and last["bench"] == "x"
