"""What a person at a terminal is told when what a command needs does not answer."""

import pytest

from app.cli import main
from storage.database import DatabaseUnavailableError
from storage.redis import LiveStoreUnavailableError
from telephony.asterisk.process import SwitchDidNotStartError


def told_of(error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    def fail() -> None:
        raise error

    monkeypatch.setattr(main, "commands", fail)
    monkeypatch.setattr(main, "set_up_logs", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        main.cli()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_what_is_said_in_words_is_told_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = "Port 5060, which SIP needs, is used by another program. Stop it, or choose another port."
    assert port in told_of(SwitchDidNotStartError(port), monkeypatch, capsys)


@pytest.mark.parametrize("error", [LiveStoreUnavailableError("ConnectionError"), DatabaseUnavailableError("OSError")])
def test_a_store_that_does_not_answer_is_told_in_words_with_the_next_step(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = told_of(error, monkeypatch, capsys)
    assert "does not answer just now" in told
    assert "kundcenter doctor" in told
    assert "make run" in told
    assert "Error" not in told


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DatabaseUnavailableError("OperationalError"), "The database does not answer just now."),
        (DatabaseUnavailableError("Is there a system here?"), "The database does not answer just now. Is there a system here?"),
        (DatabaseUnavailableError(), "The database does not answer just now."),
    ],
)  # fmt: skip
def test_a_mere_technical_word_is_no_particular_for_people(error: DatabaseUnavailableError, words: str) -> None:
    assert error.in_words == words
