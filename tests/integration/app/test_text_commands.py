"""What an operator sees and does about texts from the command line, also while nothing else of the system runs."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli.main import commands
from app.present import present_settings
from app.safety import complete
from app.wiring import Rooms, rooms_of
from sms.errors import NotANumberError, TextNotFoundError, TextRefusedError, UnknownTextError
from tests.hours import never_quiet
from tests.running import ROOT

NUMBER = "+46701740605"


@pytest.fixture(autouse=True)
def a_site_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    never_quiet(config)
    site = {"KC_STATE_DIR": str(tmp_path), "KC_CONFIG_DIR": str(config)}
    for name, value in {"KC_DEMO": "true", "KC_SWITCH": "simulator", **site}.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(commands, ["db", "upgrade"]).exit_code == 0


def kundcenter(*arguments: str, said: str = "") -> str:
    with capture_logs():  # which go to standard error in a process of its own
        result = CliRunner().invoke(commands, ["sms", *arguments], input=said)
    if result.exception:
        raise result.exception
    return result.output


def receive(text: str) -> None:
    async def work(rooms: Rooms) -> None:
        await rooms.sms.receive(provider="simulator", provider_id="s1", number=NUMBER, text=text)

    async def run() -> Any:
        async with rooms_of(complete(present_settings())) as rooms:
            await work(rooms)

    asyncio.run(run())


def test_a_text_is_sent_and_shown_without_its_number_unless_that_is_asked_for() -> None:
    sent = json.loads(kundcenter("send", "help", "--to", "070-174 06 05", "--key", "k", "--json"))
    assert (sent["state"], sent["number"], sent["provider"]) == ("delivered", "+46*******05", "simulator")
    again = json.loads(kundcenter("send", "help", "--to", NUMBER, "--key", "k", "--json"))
    assert again == sent, "one key, one text"
    assert "delivered" in kundcenter("show", sent["message"])
    assert NUMBER not in kundcenter("show", sent["message"])
    assert NUMBER in kundcenter("show", sent["message"], "--numbers")


def test_a_number_is_asked_for_so_that_no_list_of_commands_has_it() -> None:
    assert "+46*******05" in kundcenter("send", "help", said=f"{NUMBER}\n")


def test_what_was_written_is_read_as_a_thread() -> None:
    kundcenter("send", "help", "--to", NUMBER)
    receive("Hej!\nTack så mycket")  # which is answered
    (thread,) = json.loads(kundcenter("threads", "--json"))
    assert (thread["number"], thread["texts"]) == ("+46*******05", 3)
    assert NUMBER in kundcenter("threads", "--numbers")
    lines = kundcenter("threads", thread["last"])
    assert "they" in lines and "Hej! Tack så mycket" in lines and "3 in all." in lines
    assert NUMBER[3:] not in lines


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("send", "no_such", "--to", NUMBER), UnknownTextError),
        (("send", "place_kept", "--to", NUMBER), UnknownTextError),  # needs a time that only we know
        (("send", "help", "--to", "hello"), NotANumberError),
        (("send", "help", "--to", "0771-524 524"), TextRefusedError),
        (("show", "sms_nothing"), TextNotFoundError),
        (("threads", "sms_nothing"), TextNotFoundError),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(arguments: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        kundcenter(*arguments)
