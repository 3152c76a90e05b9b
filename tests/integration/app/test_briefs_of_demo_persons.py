"""A brief knows the name of whom it is about from the register, and is refused for good when the yes is taken back (N8)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.wiring import Rooms
from contacts.model import Channel
from core.ids import AgentId, ContactId, PersonId, Subject
from meetings.errors import NameNotKnownError
from meetings.model import BriefState, Choice, ConsentKind, Meeting, Wish
from meetings.register import Asker
from tests.builders.texting import texting_rooms
from tests.fakes.clock import HandClock

VERA = PersonId("per_vera")


@pytest_asyncio.fixture
async def rooms(tmp_path: Path, valkey_url: str) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, HandClock()) as rooms:
        yield rooms


async def prepared(rooms: Rooms, *, subject: Subject | None) -> Meeting:
    """A contact meeting for whom a contact was with; they have answered, and said yes."""
    meetings, contact = rooms.meetings, ContactId("con_vera")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, channel=Channel.SMS)
        await rooms.contacts.identified(tx, contact, person=VERA, subject=subject, level=2)
    wish = Wish(type="kontaktmote", person=VERA, contact=contact, asked_by=Asker.AGENT, given=frozenset({"consent"}))
    free = (await meetings.times(wish))[0]
    row = await meetings.book(wish, Choice(starts_at=free.starts_at, office=free.office, mode=free.mode), by="bo")
    async with rooms.database.transaction() as tx:
        await meetings.preparing.answer(tx, row, "work", "Det vet vera provson bäst, säger hon.", channel="phone")
        await meetings.preparing.consent(tx, row, kind=ConsentKind.BRIEF, given=True, by="citizen")
    await rooms.dispatcher.settled()
    return row


async def test_the_name_in_the_register_is_not_in_the_brief_and_a_no_ends_it(rooms: Rooms) -> None:
    row = await prepared(rooms, subject=Subject("demo-03"))
    briefs = rooms.meetings.briefs
    draft = await briefs.draft(row.meeting)
    assert "prov" not in draft.text.lower().replace("prova", "") and "bäst, säger hon." in draft.text
    await briefs.sign(draft.brief, by=AgentId("bo"), text=draft.text)
    await briefs.release(draft.brief)
    await briefs.say(row.meeting, given=False, by="citizen")
    await rooms.dispatcher.settled()
    async with rooms.database.reading() as tx:
        newest = await briefs.newest(tx, row.meeting)
    assert newest is not None and newest.state is BriefState.REFUSED


async def test_of_whom_we_do_not_know_the_name_nothing_is_written(rooms: Rooms) -> None:
    row = await prepared(rooms, subject=None)
    with pytest.raises(NameNotKnownError):
        await rooms.meetings.briefs.draft(row.meeting)
