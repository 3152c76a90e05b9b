"""Whatever happens to a contact, in any order: one outcome that stays, a life that the state machine allows, and a sum."""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import ledger
from contacts.model import Outcome
from contacts.service import Contacts
from contacts.states import is_a_path
from core.ids import AgentId, CallbackId, ContactId
from storage.database import Database, Transaction
from storage.schema import metadata
from tests.fakes.clock import START, HandClock

ONE = ContactId("con_1")
HAPPENINGS = ("answer", "waiting", "left_line", "connected", "agent", "citizen", "fault", "promised", "close", "lost")


async def _happen(contacts: Contacts, tx: Transaction, what: str) -> None:
    match what:
        case "answer":
            await contacts.answer_given(tx, ONE, "payment", "barnbidrag")
        case "waiting":
            await contacts.waiting(tx, ONE, "sjuk")
        case "left_line":
            await contacts.left_line(tx, ONE, "choice")
        case "connected":
            await contacts.connected(tx, ONE, AgentId("asa"))
        case "agent" | "citizen" | "fault":
            await contacts.talk_ended(tx, ONE, what)
        case "promised":
            await contacts.promised(tx, ONE, CallbackId("cbk_1"))
        case "close" | "lost":
            await contacts.close(tx, ONE, fault="switch_restart" if what == "lost" else "")


async def _live(happenings: list[str], folder: Path) -> None:
    clock = HandClock()
    database = Database(f"sqlite+aiosqlite:///{folder}/kc.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    contacts = Contacts(database=database, clock=clock)
    outcomes: list[Outcome] = []
    try:
        async with database.transaction() as tx:
            await contacts.open(tx, contact=ONE)
            for what in [*happenings, "close"]:
                clock.pass_time(seconds=1)
                await _happen(contacts, tx, what)
                row = await contacts.get(tx, ONE)
                if row.outcome:
                    outcomes.append(row.outcome)
            assert len(set(outcomes)) == 1
            steps = await contacts.timeline(tx, ONE)
            assert is_a_path([step.state for step in steps])
            assert [step.what for step in steps].count("ended") == 1
            period = {"start": START, "end": START + timedelta(hours=1)}
            assert (await ledger.count(tx, **period)).holds
            assert not await ledger.inspect(tx, **period, now=clock.now())
    finally:
        await database.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(HAPPENINGS), max_size=14))
def test_every_life_ends_in_exactly_one_outcome_and_the_books_balance(happenings: list[str]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_live(happenings, Path(folder)))
