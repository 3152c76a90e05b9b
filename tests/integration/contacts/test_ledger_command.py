"""``kundcenter ledger check`` counts, and fails when the books do not balance."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, insert
from typer.testing import CliRunner

from app.cli.ledger import ledger_commands
from contacts import store
from contacts.service import Contacts
from core.errors import ConfigurationError
from core.ids import AgentId, ContactId
from storage.database import Database
from storage.schema import metadata
from tests.fakes.clock import HandClock


async def _fill(url: str, *, break_it: bool) -> None:
    database = Database(url)
    contacts = Contacts(database=database, clock=HandClock())
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with database.transaction() as tx:
        for number in range(3):
            await contacts.open(tx, contact=ContactId(f"con_{number}"))
        await contacts.connected(tx, ContactId("con_0"), AgentId("asa"))
        for number in range(3):
            await contacts.close(tx, ContactId(f"con_{number}"))
        if break_it:
            await tx.execute(delete(store.contacts).where(store.contacts.c.contact == "con_1"))
            step = {
                "contact": "con_2",
                "at": HandClock().now(),
                "what": "ended",
                "detail": "answered",
                "state": "ended",
            }
            await tx.execute(insert(store.contact_steps).values(**step))
    await database.close()


def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, break_it: bool = False) -> tuple[int, str]:
    url = f"sqlite+aiosqlite:///{tmp_path}/kc.db"
    asyncio.run(_fill(url, break_it=break_it))
    monkeypatch.setenv("KC_DATABASE_URL", url)
    result = CliRunner().invoke(ledger_commands, ["check", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_books_that_balance_are_shown_and_the_command_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = check(tmp_path, monkeypatch)
    assert code == 0 and "The books balance." in said


def test_as_json_it_can_be_read_by_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = check(tmp_path, monkeypatch, "--json", "--since", "2026-11-16", "--until", "2026-11-17")
    books = json.loads(said)
    assert code == 0 and books["holds"] and books["offered"] == 3
    assert (books["outcomes"]["answered"], books["outcomes"]["abandoned"], books["open"]) == (1, 2, 0)


def test_another_period_has_other_contacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = check(tmp_path, monkeypatch, "--json", "--since", "2026-11-17")
    assert json.loads(said)["offered"] == 0


def test_books_that_do_not_balance_fail_the_command_and_name_the_contact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = check(tmp_path, monkeypatch, "--json", break_it=True)
    books = json.loads(said)
    assert code == 1 and not books["holds"]
    assert (books["offered"], sum(books["outcomes"].values())) == (3, 2)
    assert books["findings"] == [{"contact": "con_2", "what": "its timeline tells another end than its row"}]


def test_a_day_that_is_none_is_refused_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="2026-11-01"):
        check(tmp_path, monkeypatch, "--since", "yesterday")
