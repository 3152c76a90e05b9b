"""Promises of the time before they stood in the line are kept, and none of them is lost or doubled."""

from datetime import timedelta

from sqlalchemy import text

from app.schema import every_table
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.ids import CallbackId
from storage.database import Database
from storage.migrate import upgrade
from tests.fakes.clock import START, CountingIds, HandClock

OLD = (
    ("cbk_waiting", "+46701740611", "waiting", None, "per_1", 0),
    ("cbk_tried", "+46701740612", "waiting", timedelta(minutes=20), "per_2", 1),
    ("cbk_taken", "+46701740613", "taken", None, "per_1", 1),
    ("cbk_kept", "+46701740614", "kept", None, "per_1", 1),
    ("cbk_failed", "+46701740615", "failed", None, None, 3),
)
"""Promise, number, state, when it was not to be tried before, person, attempts."""


async def test_promises_from_before_stand_with_their_rank(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.connection.run_sync(lambda connection: every_table().drop_all(connection))
        await tx.execute(text("DROP TABLE IF EXISTS alembic_version"))
    await upgrade(database, to="0006")
    as_kept = _instant if database.is_sqlite else lambda at: at
    async with database.transaction() as tx:
        for index, (callback, number, state, pause, person, attempts) in enumerate(OLD):
            values = {
                "callback": callback, "number": number, "state": state, "person": person, "attempts": attempts,
                "at": as_kept(START + timedelta(seconds=index)), "pause": as_kept(START + pause) if pause else None,
                "ended": as_kept(START) if state in ("kept", "failed") else None,
            }  # fmt: skip
            await tx.execute(
                text(
                    "INSERT INTO callbacks (callback, contact, person, number, queue, language, reason, state,"
                    " first_requested_at, promised_at, attempts, not_before, ended_at, last_reason)"
                    " VALUES (:callback, 'con_1', :person, :number, 'sjuk', 'sv', 'line', :state, :at, :at, :attempts,"
                    " :pause, :ended, '')"
                ),
                values,
            )
    await upgrade(database)
    clock = HandClock(START + timedelta(minutes=1))
    contacts = Contacts(database=database, clock=clock)
    callbacks = Callbacks(database=database, clock=clock, new_id=CountingIds(), contacts=contacts)
    async with database.reading() as tx:
        rows = {one[0]: await callbacks.get(tx, CallbackId(one[0])) for one in OLD}
    assert [row.state for row in rows.values()] == [CallbackState(one[2]) for one in OLD]
    assert [row.first_requested_at for row in rows.values()] == [START + timedelta(seconds=index) for index in range(5)]
    assert rows["cbk_waiting"].next_at == START and rows["cbk_tried"].next_at == START + timedelta(minutes=20)
    assert rows["cbk_kept"].talked_at == START and rows["cbk_taken"].next_at is None
    assert (rows["cbk_waiting"].person, rows["cbk_taken"].person, rows["cbk_kept"].person) == ("per_1", None, "per_1")
    assert await callbacks.due() == 1
    clock.pass_time(minutes=20)
    assert await callbacks.due() == 1


def _instant(at):  # type: ignore[no-untyped-def]
    return int(at.timestamp() * 1_000_000)
