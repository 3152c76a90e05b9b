"""What an operator says to callers from the command line, also while nothing else of the system runs."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli.main import commands
from ivr.errors import NoticePlaceUnknownError, NoticeRefusedError

TEXT = "Vi har strömavbrott i Östersund."


@pytest.fixture(autouse=True)
def a_site_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KC_DEMO": "true", "KC_SWITCH": "simulator", "KC_STATE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(commands, ["db", "upgrade"]).exit_code == 0


def kundcenter(*arguments: str) -> str:
    with capture_logs():  # which go elsewhere than what a command prints
        result = CliRunner().invoke(commands, list(arguments))
    if result.exception:
        raise result.exception
    return result.output


def test_an_emergency_goes_up_is_shown_and_comes_down() -> None:
    said = kundcenter("emergency", "on", "--entry-point", "national", "--message", TEXT, "--hours", "2")
    assert f"Said from now on: {TEXT}" in said and "It ends by itself at" in said
    [shown] = json.loads(kundcenter("emergency", "show", "--json"))
    assert (shown["place"], shown["name"], shown["text"]) == ("entry_point", "national", TEXT)
    assert shown["put_up_by"].startswith("command line: ")
    assert "It is said no more." in kundcenter("emergency", "off", "--entry-point", "national")
    assert "There was none." in kundcenter("emergency", "off", "--entry-point", "national")
    assert "Nothing besides the flows is said." in kundcenter("emergency", "show")


def test_what_is_put_up_and_taken_down_is_told_to_programs_as_json() -> None:
    said = json.loads(kundcenter("emergency", "on", "--entry-point", "national", "--message", TEXT, "--json"))
    [shown] = json.loads(kundcenter("emergency", "show", "--json"))
    assert said == shown
    off = ("emergency", "off", "--entry-point", "national", "--json")
    assert [json.loads(kundcenter(*off))["was_up"] for _ in range(2)] == [True, False]
    said = json.loads(kundcenter("spare-message", "on", "--queue", "sjuk", "--message", TEXT, "--json"))
    assert (said["place"], said["name"]) == ("queue", "sjuk")
    assert json.loads(kundcenter("spare-message", "off", "--queue", "sjuk", "--json"))["was_up"]


def test_a_ready_made_word_about_a_queue_goes_up_beside_it() -> None:
    kundcenter("emergency", "on", "--entry-point", "national", "--message", TEXT)
    kundcenter("spare-message", "on", "--queue", "sjuk", "--wording", "notice_queue_cases")
    shown = json.loads(kundcenter("spare-message", "show", "--json"))
    assert [(one["place"], one["name"]) for one in shown] == [("entry_point", "national"), ("queue", "sjuk")]
    assert shown[1]["text"].startswith("Just nu kan vi inte se ärenden av det här slaget.")


def test_a_word_about_a_skill_goes_up_and_comes_down() -> None:
    kundcenter("spare-message", "on", "--skill", "engelska", "--message", TEXT)
    [shown] = json.loads(kundcenter("spare-message", "show", "--json"))
    assert (shown["place"], shown["name"]) == ("skill", "engelska")
    assert "It is said no more." in kundcenter("spare-message", "off", "--skill", "engelska")
    with pytest.raises(NoticePlaceUnknownError, match="Det finns") as refused:
        kundcenter("spare-message", "on", "--skill", "skyddad", "--message", TEXT)
    assert "skyddad" not in str(refused.value), "who needs clearance is told nothing that others are not"
    for both in ((), ("--queue", "sjuk", "--skill", "sjuk")):
        assert CliRunner().invoke(commands, ["spare-message", "on", *both, "--message", TEXT]).exit_code == 2


def test_what_cannot_be_said_or_has_no_place_is_refused_with_the_reason() -> None:
    with pytest.raises(NoticeRefusedError, match="personnummer"):
        kundcenter("emergency", "on", "--entry-point", "national", "--message", "Det gäller 19900602-2397.")
    with pytest.raises(NoticePlaceUnknownError, match="Det finns: allmant, bostad"):
        kundcenter("spare-message", "on", "--queue", "sjukk", "--message", TEXT)
    assert "Nothing besides the flows is said." in kundcenter("emergency", "show")
