"""Some days after a meeting whoever has said yes is asked how it was; the answer is kept in their own words (R75h)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app import follow_ups
from app.wiring import Rooms
from core.ids import AgentId
from meetings.events import MeetingDone
from meetings.model import Meeting, State
from tests.builders.texting import CITIZEN, Writer, asks_in_a_call, handset, texting_rooms
from tests.fakes.clock import HandClock
from tests.integration.meetings.books import all_of

ASKED = "Visste du före mötet vad det skulle handla om?"
OWN_WORDS = "Nej, jag trodde att det skulle gälla ett beslut om pengar"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        yield rooms


@pytest.fixture
async def citizen(rooms: Rooms, clock: HandClock) -> Writer:
    await asks_in_a_call(rooms, CITIZEN)
    writer = Writer(rooms, clock)
    await writer.writes("1")
    await writer.writes("BOKA 98231")
    await writer.writes("1")
    return writer


@dataclass(frozen=True)
class Words:
    text: str = "Vi pratade."
    agreed: str = "Inget mer."
    next_step: str = "Vi hör av oss."
    how: str = "print"
    reason: str = ""


async def the_meeting(rooms: Rooms) -> Meeting:
    (row,) = await all_of(rooms.database)
    return row


async def is_held(rooms: Rooms, clock: HandClock, *, says_yes: bool = True) -> MeetingDone:
    """Let the meeting take place, and the days pass until just before the question."""
    row = await the_meeting(rooms)
    if says_yes:
        await rooms.meetings.following.may_be_asked(row)
    clock.at = row.ends_at
    await rooms.meetings.documents.close(row.meeting, Words(), by=AgentId("asa"))
    await rooms.dispatcher.settled()
    assert (await the_meeting(rooms)).state is State.DONE
    return MeetingDone(occurred_at=clock.now(), meeting=row.meeting, contact=row.contact, has_document=True)


async def asked(rooms: Rooms) -> int:
    return sum(ASKED in text for text in await handset(rooms))


async def answers(rooms: Rooms) -> list[tuple[str, str]]:
    async with rooms.database.reading() as tx:
        return list(await rooms.meetings.following.answers(tx))


async def test_whoever_said_yes_is_asked_once_and_answers_in_own_words(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    done = await is_held(rooms, clock)
    await follow_ups.after_meeting(rooms, done)  # told twice
    clock.pass_time(days=3, hours=23)
    assert await asked(rooms) == 0
    clock.pass_time(days=1)
    assert await asked(rooms) == 1
    clock.pass_time(days=1)  # much later than other questions stand open
    assert "Tack för ditt svar!" in await citizen.writes(OWN_WORDS)
    assert await answers(rooms) == [("personligt_mote", OWN_WORDS)]
    await citizen.writes("och en sak till")
    assert await answers(rooms) == [("personligt_mote", OWN_WORDS)]


async def test_nobody_is_asked_who_has_not_said_yes(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    await is_held(rooms, clock, says_yes=False)
    clock.pass_time(days=5)
    assert await asked(rooms) == 0


@pytest.mark.parametrize("word", ["STOPP", "GLÖM"])
async def test_whoever_wants_no_texts_or_has_let_go_of_the_number_is_not_asked(
    rooms: Rooms, citizen: Writer, clock: HandClock, word: str
) -> None:
    await is_held(rooms, clock)
    await citizen.writes(word)
    clock.pass_time(days=5)
    assert await asked(rooms) == 0


async def test_a_command_is_obeyed_while_we_wait_for_an_answer(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    await is_held(rooms, clock)
    clock.pass_time(days=4, hours=12)
    assert await asked(rooms) == 1
    assert "Vi ringer upp dig" in await citizen.writes("RING")
    assert await answers(rooms) == []


async def test_who_cannot_be_reached_for_days_is_not_asked_any_more(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    await is_held(rooms, clock)
    clock.pass_time(days=4)
    clock.at += timedelta(days=4)
    assert await asked(rooms) == 0
