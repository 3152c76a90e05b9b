"""The benchmark of promises finds what it is to find, in a small size."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import commands
from benchmarks.promises import many, overload
from benchmarks.promises.people import Citizen


@pytest.fixture(autouse=True)
def a_small_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, sizes in (
        (overload, {"AGENTS": 1, "HOUR": 240.0}),
        (many, {"STORED": 300, "DUE": 40, "AGENTS": 12, "TALK": 0.5}),
    ):
        for name, size in sizes.items():
            monkeypatch.setattr(module, name, size)


async def test_when_far_too_many_ring_each_has_an_outcome_and_nobody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = await overload.overload(tmp_path / "overload")
    assert figures["overload_refused"] == figures["overload_unaccounted"] == figures["overload_ledger_faults"] == 0
    assert figures["overload_promises_open"] == figures["overload_promises_talked_twice"] == 0
    assert int(str(figures["overload_promises_kept"])) > 0
    monkeypatch.setenv("KC_STATE_DIR", str(tmp_path / "overload" / "state"))
    looked = await asyncio.to_thread(CliRunner().invoke, commands, ["ledger", "check", "--json"])
    assert looked.exit_code == 0, looked.output
    assert json.loads(looked.output)["offered"] == figures["overload_contacts_offered"]


async def test_somebody_who_is_sent_away_counts_as_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overload, "MOST_SECONDS", 90)
    listens = Citizen.act

    def is_cut_off(self: Citizen, centre: object) -> None:
        listens(self, centre)  # type: ignore[arg-type]
        if self.phone is not None and self.phone.line is not None and centre.time.time() > 60:  # type: ignore[attr-defined]
            self.phone.line.hang_up()

    monkeypatch.setattr(Citizen, "act", is_cut_off)
    figures = await overload.overload(tmp_path / "overload")
    assert int(str(figures["overload_refused"])) > 0


@pytest.mark.timeout(900)
async def test_what_comes_due_at_once_is_dialled_once_each_and_in_order(tmp_path: Path) -> None:
    figures = await many.many_due(tmp_path / "many")
    assert figures["due_dialled_twice"] == figures["due_out_of_order"] == 0
    assert int(str(figures["due_offered_from_a_full_line"])) > 0
    assert 0 < float(str(figures["due_started_in_the_minute"])) <= 1.0  # how many is for the benchmark to bound
