"""Set-up runs its parts side by side, says what failed, and does nothing twice."""

import sys
from pathlib import Path

import pytest

from tools import python_packages, setup, web
from tools.saying import Say, SetupError, run


def test_a_part_that_fails_is_named_and_the_others_still_run(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []

    def good(say: Say) -> None:
        ran.append("good")

    def bad(say: Say) -> None:
        raise SetupError("There is no such thing here.")

    def unforeseen(say: Say) -> None:
        raise KeyError("x")

    assert setup._side_by_side({"good": good, "bad": bad, "odd": unforeseen}) == {"bad", "odd"}
    assert ran == ["good"]
    assert "bad | There is no such thing here." in capsys.readouterr().err


def test_a_program_that_fails_quietly_tells_afterwards_what_it_wrote() -> None:
    heard: list[str] = []
    with pytest.raises(SetupError, match="ended with 3"):
        run([sys.executable, "-c", "print('why it failed'); raise SystemExit(3)"], heard.append, quietly=True)
    assert heard == ["why it failed"]
    run([sys.executable, "-c", "print('fine')"], heard.append, quietly=True)
    assert heard == ["why it failed"]


def test_packages_are_installed_again_only_when_the_lock_or_the_python_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, python = tmp_path / "requirements.lock", tmp_path / "python"
    lock.write_text("one==1\n")
    python.touch()
    monkeypatch.setattr(python_packages, "STAMPS", tmp_path)
    monkeypatch.setattr(python_packages, "PYTHON", python)
    assert not python_packages._is_done(lock)
    python_packages._stamp(lock).touch()
    assert python_packages._is_done(lock)
    lock.write_text("one==2\n")
    assert not python_packages._is_done(lock)
    lock.write_text("one==1\n")
    python.unlink()
    assert not python_packages._is_done(lock)


def test_pages_are_built_again_when_a_source_changes_and_not_for_what_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "WEB", tmp_path)
    source = tmp_path / "src" / "main.ts"
    source.parent.mkdir()
    source.write_text("1")
    before = web._digest()
    for made in web.MADE:
        (tmp_path / made).mkdir()
        (tmp_path / made / "thing.js").write_text("built")
    assert web._digest() == before
    source.write_text("2")
    assert web._digest() != before
