"""One can look at the system that runs here without setting its settings again."""

import stat
from pathlib import Path

import pytest

from app.present import present_settings, remembered
from app.settings import Settings

SECRET = "s" * 43


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_STATE_DIR", str(tmp_path))


def test_what_a_running_system_was_told_is_known_to_whoever_looks(tmp_path: Path) -> None:
    with remembered(Settings(demo=True, web_port=8123, pepper=SECRET)):
        seen = present_settings()
        assert seen.demo
        assert seen.web_port == 8123
        assert seen.pepper.get_secret_value() == ""
        [kept] = tmp_path.iterdir()
        assert SECRET not in kept.read_text()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not present_settings().demo


def test_what_the_looker_is_told_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with remembered(Settings(demo=True, web_port=8123)):
        monkeypatch.setenv("KC_WEB_PORT", "8124")
        assert present_settings().web_port == 8124


def test_a_broken_note_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text("{half")
    assert not present_settings().demo
