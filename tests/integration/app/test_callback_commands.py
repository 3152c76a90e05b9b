"""What an operator sees and does about promises from the command line, also while nothing else of the system runs."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.callbacks_api import links_of
from app.cli.main import commands
from app.present import present_settings
from app.safety import complete
from app.wiring import Rooms, rooms_of
from callbacks.errors import CallbackNotFoundError, CallbackOverError
from core.ids import AgentId, LegId
from tests.integration.callbacks.asking import NUMBER, number_of, promised


@pytest.fixture(autouse=True)
def a_site_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KC_DEMO": "true", "KC_SWITCH": "simulator", "KC_STATE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(commands, ["db", "upgrade"]).exit_code == 0


def kundcenter(*arguments: str) -> str:
    with capture_logs():  # which go to standard error in a process of its own
        result = CliRunner().invoke(commands, ["callbacks", *arguments])
    if result.exception:
        raise result.exception
    return result.output


def do(work: Any) -> Any:
    async def run() -> Any:
        async with rooms_of(complete(present_settings())) as rooms:
            return await work(rooms)

    return asyncio.run(run())


async def two_promises(rooms: Rooms) -> list[str]:
    return [await promised(rooms.callbacks, rooms.contacts, f"con_{n}", number_of(n)) for n in range(2)]


def test_what_is_promised_is_listed_page_by_page_and_numbers_are_hidden() -> None:
    first, second = do(two_promises)
    said = kundcenter("list")
    assert said.index(first) < said.index(second) and "2 promises." in said
    assert NUMBER[3:] not in said and "+46*******05" in said
    [shown] = json.loads(kundcenter("list", "--after", first, "--json"))
    assert (shown["callback"], shown["state"], shown["queue"]) == (second, "waiting", "sjuk")
    assert "0 promises." in kundcenter("list", "--state", "kept", "--state", "failed")
    assert "0 promises." in kundcenter("list", "--queue", "bostad")


def test_what_is_due_is_brought_in_and_told_and_the_second_time_there_is_nothing() -> None:
    first, second = do(two_promises)
    assert json.loads(kundcenter("run", "--json")) == {"in_line": [first, second], "given_up": [], "put_back": 0}
    assert "0 in the line now" in kundcenter("run")
    assert [one["state"] for one in json.loads(kundcenter("list", "--json"))] == ["in_line", "in_line"]


def test_one_promise_is_shown_with_its_attempts_and_without_its_code() -> None:
    async def tried(rooms: Rooms) -> tuple[str, str]:
        callback = await promised(rooms.callbacks, rooms.contacts)
        await rooms.callbacks.due()
        await rooms.callbacks.dial(callback, leg=LegId("leg_1"), agent=AgentId("asa"))
        await rooms.callbacks.missed(callback, "busy", leg=LegId("leg_1"))
        async with rooms.database.reading() as tx:
            return callback, (await rooms.callbacks.get(tx, callback)).proof

    callback, proof = do(tried)
    assert len(proof) == 6 and proof.isdigit()
    shown = json.loads(kundcenter("show", callback, "--json"))
    assert [(one["number"], one["state"], one["reason"]) for one in shown["attempts_made"]] == [(1, "missed", "busy")]
    said = kundcenter("show", callback)
    assert "missed busy" in said and "first requested at" in said
    assert proof not in said + json.dumps(shown) and NUMBER[3:] not in said + json.dumps(shown)
    with pytest.raises(CallbackNotFoundError):
        kundcenter("show", "cbk_nothing")


def test_the_citizens_own_link_is_printed_while_the_promise_is_open() -> None:
    callback = do(lambda rooms: promised(rooms.callbacks, rooms.contacts))
    address = kundcenter("link", callback).strip()
    assert address.startswith("http://127.0.0.1:8000/aterringning/") and callback not in address.split("/")
    assert do(lambda rooms: _read(rooms, address)) == callback
    assert json.loads(kundcenter("link", callback, "--json")) == {"callback": callback, "address": address}
    do(lambda rooms: rooms.callbacks.cancel(callback, by="citizen"))
    with pytest.raises(CallbackOverError):
        kundcenter("link", callback)


async def _read(rooms: Rooms, address: str) -> str | None:
    return links_of(rooms).read(address.rsplit("/", 1)[1])


def test_what_was_given_up_is_on_the_list_to_follow_up_until_somebody_saw_to_it() -> None:
    async def given_up(rooms: Rooms) -> str:
        callback = await promised(rooms.callbacks, rooms.contacts)
        async with rooms.database.transaction() as tx:
            await tx.execute(text("UPDATE callbacks SET attempts = 3, last_reason = 'no_answer'"))
        return callback

    callback = do(given_up)
    assert json.loads(kundcenter("run", "--json"))["given_up"] == [callback]
    assert [one["callback"] for one in json.loads(kundcenter("list", "--follow-up", "--json"))] == [callback]
    do(lambda rooms: rooms.callbacks.followed_up(callback, AgentId("asa"), "A letter is sent."))
    assert "0 promises." in kundcenter("list", "--follow-up")
