"""However late, in whatever order and however often records are written: nobody is left behind, and the books are right."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contacts.model import TalkEnd
from contacts.service import Contacts
from skills_routing import store
from skills_routing.line import over_store
from skills_routing.line.records import catch_up, record, write_up
from skills_routing.model import ContactState, instant
from skills_routing.store import Routed
from storage.database import Database, Transaction
from storage.outbox import outbox
from storage.schema import metadata
from tests.fakes.clock import HandClock
from tests.integration.skills_routing.lives import CONTACT, KINDS, Decided, Enters, Happening, Life, Noted

Delay = Callable[[], int]


class Books:
    """SQL, as it is while a life goes by and its records come late."""

    def __init__(self, contacts: Contacts, tx: Transaction, life: Life) -> None:
        self.contacts, self.tx, self.life = contacts, tx, life

    async def write(self, what: Happening) -> None:
        tx, contacts = self.tx, self.contacts
        match what:
            case Decided():
                await record(tx, facts=what.facts, contacts=contacts)
            case Noted(connection, at, closes):
                if closes:
                    await catch_up(tx, connection=connection, contacts=contacts)
                    await contacts.talk_ended(tx, CONTACT, TalkEnd.AGENT)
                await write_up(tx, connection=connection, contacts=contacts, code="other", note="", at=instant(at))
            case Enters(at):
                if not self.life.callback:
                    await contacts.waiting(tx, CONTACT, "sjuk")
                if await store.find(tx, CONTACT) is None:
                    await store.add(tx, replace(self._routed(at), token=await over_store.over_up_to(tx, CONTACT)))

    def _routed(self, at: int) -> Routed:
        return Routed(
            contact=CONTACT,
            state=ContactState.WAITING,
            leg="" if self.life.callback else "leg_citizen",  # type: ignore[arg-type]
            queue="sjuk",
            language="sv",
            line="sickness:1",
            rank=at,
            waiting_since=instant(at),
            entered_at=instant(at),
            callback=self.life.callback,
        )

    async def live(self, delay: Delay, copies: Delay) -> None:
        await self.contacts.open(self.tx, contact=CONTACT)
        pending: list[tuple[int, Decided]] = []
        for at, what in enumerate(self.life.happenings):
            if not isinstance(what, Decided):
                await self.write(what)
                continue
            parts = [what] if what.awaited else [Decided((fact,)) for fact in what.facts]
            for part in parts:
                pending += [(at + delay(), part) for _ in range(1 + copies())]
            if what.awaited:
                await self.write(what)
            due = [part for when, part in pending if when <= at]
            pending = [(when, part) for when, part in pending if when > at]
            for part in due:
                await self.write(part)
        for _when, part in sorted(pending, key=lambda each: each[0]):
            await self.write(part)

    async def told(self, kind: str, name: str) -> list[str]:
        rows = await self.tx.execute(select(outbox.c.body).where(outbox.c.name == kind).order_by(outbox.c.number))
        return [json.loads(row.body)[name] for row in rows]

    async def are_right(self) -> None:
        assert await store.everybody(self.tx) == [], "a row is left of a contact whose work is over"
        assert await store.open_offers(self.tx) == []
        ledger = await self.contacts.get(self.tx, CONTACT)
        talks = self.life.talks
        if talks and not self.life.callback:
            assert (ledger.agent, ledger.talk_ended_by) == talks[-1]
        if not self.life.happenings or not any(
            isinstance(each, Noted) and each.closes for each in self.life.happenings
        ):
            assert await self.told("TalkEnded", "by") == [by for _agent, by in talks]
        told = await self.told("RingBackEnded", "how")
        reached = [how for how in told if how == "reached"][1:]  # told again it changes nothing
        assert sorted(told) == sorted([*self.life.ended, *reached])


class NotKeptError(Exception):
    """Undoes what one life has written."""


async def _replay(database: Database, life: Life, delay: Delay, copies: Delay) -> None:
    contacts = Contacts(database=database, clock=HandClock())
    with suppress(NotKeptError):
        async with database.transaction() as tx:
            books = Books(contacts, tx, life)
            await books.live(delay, copies)
            await books.are_right()
            raise NotKeptError


def test_nothing_is_left_of_a_life_that_is_over_and_what_happened_is_told_right(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        database = runner.run(_made(tmp_path))

        @settings(max_examples=60, deadline=None)
        @given(st.sampled_from(("promise", *KINDS)), st.data())
        def whatever_happens(kind: str, data: st.DataObject) -> None:
            life = Life(choose=lambda words: data.draw(st.sampled_from(words)))
            KINDS[kind](life)
            delay, copies = st.sampled_from((0, 0, 1, 2, 4, 60, 80, 99)), st.sampled_from((0, 0, 1))
            runner.run(_replay(database, life, lambda: data.draw(delay), lambda: data.draw(copies)))

        whatever_happens()
        runner.run(database.close())


@pytest.mark.parametrize("end", ["note", "browser_gone"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("call", ("waits", "takes", "talks", "to_the_end", "citizen")),
        ("promise", ("out_of_turn", "takes", "answers", "citizen")),
        ("promise", ("agent_first", "takes", "answers", "fault")),
        ("promise", ("citizen_first", "confirms", "takes", "agent")),
    ],
)
def test_a_talk_whose_records_come_in_the_very_opposite_order(
    tmp_path: Path, kind: str, words: tuple[str, ...], end: str
) -> None:
    script, backwards = iter((*words, end)), count(1000, -2)
    life = Life(choose=lambda _words: next(script))
    KINDS[kind](life)
    with asyncio.Runner() as runner:
        database = runner.run(_made(tmp_path))
        runner.run(_replay(database, life, lambda: next(backwards), lambda: 0))
        runner.run(database.close())


async def _made(folder: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{folder}/kc.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return database
