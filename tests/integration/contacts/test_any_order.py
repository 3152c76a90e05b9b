"""Whatever happens to a contact, in any order: one outcome that stays, a life that the state machine allows, and a sum."""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import ledger
from contacts.model import Outcome
from contacts.service import Contacts
from contacts.states import is_a_path
from core.ids import AgentId, CallbackId, ContactId
from core.phone import PhoneNumber
from storage.database import Database, Transaction
from storage.schema import metadata
from tests.fakes.clock import START, HandClock

ONE = ContactId("con_1")
HAPPENINGS = (
    *("answer", "waiting", "left_line", "connected", "agent", "citizen", "fault"),
    *("wish", "promised", "refused", "close", "lost"),
)


async def _happen(contacts: Contacts, tx: Transaction, what: str, contact: ContactId = ONE) -> None:
    match what:
        case "answer":
            await contacts.answer_given(tx, contact, "payment", "barnbidrag")
        case "waiting":
            await contacts.waiting(tx, contact, "sjuk")
        case "left_line":
            await contacts.left_line(tx, contact, "choice")
        case "connected":
            await contacts.connected(tx, contact, AgentId("asa"))
        case "agent" | "citizen" | "fault":
            await contacts.talk_ended(tx, contact, what)
        case "wish" | "refused" | "promised":
            await _happen_to_a_wish(contacts, tx, what, contact)
        case "close" | "lost":
            await contacts.close(tx, contact, fault="switch_restart" if what == "lost" else "")


async def _happen_to_a_wish(contacts: Contacts, tx: Transaction, what: str, contact: ContactId) -> None:
    match what:
        case "wish":
            await contacts.wants_callback(tx, contact, PhoneNumber("+46701740605"))
        case "refused":
            await contacts.callback_refused(tx, contact)
        case "promised":
            await contacts.promised(tx, contact, CallbackId("cbk_1"))


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
            for what in [*happenings, "close", "refused"]:
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


async def _many_lives(database: Database, lives: list[list[str]]) -> list[tuple[str, str]]:
    """Live them all at the same time, each step in a transaction of its own, and return outcomes and timelines."""
    contacts = Contacts(database=database, clock=HandClock())

    async def live(contact: ContactId, happenings: list[str]) -> tuple[str, str]:
        async with database.transaction() as tx:
            await contacts.open(tx, contact=contact)
        for what in [*happenings, "close", "refused"]:
            async with database.transaction() as tx:
                await _happen(contacts, tx, what, contact)
        async with database.reading() as tx:
            row, steps = await contacts.get(tx, contact), await contacts.timeline(tx, contact)
        return str(row.outcome), " ".join(f"{step.what}>{step.state}" for step in steps)

    return await asyncio.gather(*(live(ContactId(f"con_{n}"), life) for n, life in enumerate(lives)))


async def test_many_lives_at_once_end_alike_on_both_databases_and_the_books_balance(
    database: Database, tmp_path: Path
) -> None:
    chance = Random(20261116)
    lives = [chance.choices(HAPPENINGS, k=chance.randint(0, 10)) for _ in range(40)]
    other = Database(f"sqlite+aiosqlite:///{tmp_path}/other.db")
    async with other.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    assert await _many_lives(database, lives) == await _many_lives(other, lives)
    await other.close()
    async with database.reading() as tx:
        tally = await ledger.count(tx, start=START, end=START + timedelta(hours=1))
        assert tally.holds and tally.offered == 40 and tally.open == 0
        assert len([number for number in tally.outcomes.values() if number]) >= 4
        assert not await ledger.inspect(tx, start=START, end=START + timedelta(hours=1), now=START)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(HAPPENINGS), max_size=14))
def test_every_life_ends_in_exactly_one_outcome_and_the_books_balance(happenings: list[str]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_live(happenings, Path(folder)))
