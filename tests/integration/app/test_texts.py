"""What follows on facts as texts: from a line that broke to the promise that a RING makes, in one process."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.wiring import Rooms
from callbacks.events import CallbackGivenUp, CallbackPromised
from core.ids import AgentId, ContactId
from core.phone import PhoneNumber
from sms.model import Purpose
from tests.builders.texting import CITIZEN, handset, texting_rooms
from tests.fakes.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        yield rooms


async def drops(rooms: Rooms, clock: HandClock, caller: str = CITIZEN.e164, contact: str = "con_a") -> None:
    """Let somebody wait for nine minutes and hang up, or be cut off: we cannot tell."""
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=ContactId(contact), caller=caller)
        await rooms.contacts.waiting(tx, ContactId(contact), "foralder")
    clock.pass_time(minutes=9)
    async with rooms.database.transaction() as tx:
        await rooms.contacts.close(tx, ContactId(contact))
    await rooms.dispatcher.settled()


async def writes(rooms: Rooms, clock: HandClock, text: str, name: str) -> list[str]:
    clock.pass_time(seconds=5)
    await rooms.sms.receive(provider="simulator", provider_id=name, number=CITIZEN.e164, text=text)
    return await handset(rooms)


def code_in(text: str) -> str:
    found = re.search(r"koden ([0-9]{3}) ([0-9]{3})", text)
    return "".join(found.groups()) if found else ""


async def promises(rooms: Rooms) -> list[Any]:
    async with rooms.database.reading() as tx:
        return list(await rooms.callbacks.listed(tx))


async def test_whoever_was_dropped_is_written_to_and_ring_keeps_the_first_place(rooms: Rooms, clock: HandClock) -> None:
    began = clock.now()
    await drops(rooms, clock)
    assert await handset(rooms) == [], "they may ring again at once"
    clock.pass_time(seconds=11)
    (text,) = await handset(rooms)
    assert "till oss bröts" in text
    assert "kl 10.24" in text
    told = (await writes(rooms, clock, "Hej, ring mig!", "s1"))[0]
    assert "Du har kvar din plats" in told
    (promise,) = await promises(rooms)
    assert code_in(told) == promise.proof and "0771-524 524" in told and "upp till 3 gånger" in told
    assert (promise.first_requested_at, promise.queue, promise.number) == (began, "foralder", CITIZEN)
    again = (await writes(rooms, clock, "ring", "s2"))[0]
    assert "redan lovat" in again and code_in(again) == promise.proof
    assert len(await promises(rooms)) == 1


async def test_a_fact_that_is_told_twice_makes_one_promise_and_one_answer(rooms: Rooms, clock: HandClock) -> None:
    facts: list[Any] = []
    rooms.database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    await writes(rooms, clock, "RING", "s1")
    for fact in [one for one in facts if type(one).__name__ in ("TextReceived", "TextIntended")]:
        await rooms.dispatcher.tell(fact)
    texts = await writes(rooms, clock, "RING", "s1")
    assert len(texts) == len(await promises(rooms)) == 1
    assert "när det är din tur" in texts[0]


async def test_nothing_is_written_to_whoever_rings_again_or_cannot_get_texts(rooms: Rooms, clock: HandClock) -> None:
    await drops(rooms, clock)
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=ContactId("con_b"), caller=CITIZEN.e164)
    clock.pass_time(seconds=11)
    assert await handset(rooms) == []
    for number, caller in enumerate(("anonymous", "+4681234567")):
        await drops(rooms, clock, caller, f"con_n{number}")
    clock.pass_time(seconds=11)
    assert await rooms.sms.send_due() == 0


@pytest.mark.parametrize(("caller", "knows_us"), [(CITIZEN.e164, True), ("+4681234567", False)])
async def test_whom_a_fault_of_ours_cut_off_is_told_that_we_ring_and_has_a_code_only_if_a_text_told_it(
    rooms: Rooms, clock: HandClock, caller: str, knows_us: bool
) -> None:
    contact = ContactId("con_a")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, caller=caller)
        await rooms.contacts.waiting(tx, contact, "sjuk")
        await rooms.contacts.close(tx, contact, fault="switch_restart")
    texts = await handset(rooms, PhoneNumber(caller))
    (promise,) = await promises(rooms)
    for _ in range(2):  # a fact may be told twice
        await rooms.dispatcher.tell(
            CallbackPromised(occurred_at=clock.now(), callback=promise.callback, contact=contact)
        )
    assert await handset(rooms, PhoneNumber(caller)) == texts
    assert (await promises(rooms))[0].proof == promise.proof
    assert bool(promise.proof) is knows_us and len(texts) == knows_us
    assert not knows_us or code_in(texts[0]) == promise.proof
    assert not [text for text in texts if "sjuk" in text]


async def test_whoever_was_not_reached_is_told_how_to_be(rooms: Rooms, clock: HandClock) -> None:
    await writes(rooms, clock, "RING", "s1")
    (promise,) = await promises(rooms)
    over = CallbackGivenUp(
        occurred_at=clock.now(), callback=promise.callback, contact=promise.contact, reason="no_answer", attempts=3
    )
    for _ in range(2):
        await rooms.dispatcher.tell(over)
    texts = await handset(rooms)
    assert len(texts) == 2
    assert "utan att nå dig" in "".join(texts)
    assert "0771-524 524" in "".join(texts)


async def test_stopp_holds_at_once_and_whatever_else_gets_a_useful_answer(rooms: Rooms, clock: HandClock) -> None:
    assert "3 om vi ska ringa upp dig" in (await writes(rooms, clock, "Kan ni svara mig", "s1"))[0]
    assert "inga fler sms" in (await writes(rooms, clock, "STOPP", "s2"))[0]
    assert len(await writes(rooms, clock, "hallå", "s3")) == 2, "nothing is written to whoever wants nothing"
    assert "igen" in (await writes(rooms, clock, "START", "s4"))[0]


async def test_whoever_we_owe_something_or_have_talked_with_is_no_stranger(rooms: Rooms, clock: HandClock) -> None:
    numbers = [PhoneNumber(f"+4670174061{number}") for number in range(4)]
    promised, dropped, talked, stranger = numbers
    await rooms.sms.receive(provider="simulator", provider_id="s1", number=promised.e164, text="RING")
    await rooms.dispatcher.settled()
    await drops(rooms, clock, dropped.e164, "con_d")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=ContactId("con_t"), caller=talked.e164)
        await rooms.contacts.waiting(tx, ContactId("con_t"), "foralder")
        await rooms.contacts.connected(tx, ContactId("con_t"), AgentId("asa"))
    async with rooms.database.reading() as tx:
        assert [await rooms.sms.is_known(tx, number) for number in numbers] == [True, True, True, False]


async def test_only_an_answer_keeps_a_worker_busy(rooms: Rooms, clock: HandClock) -> None:
    before = await rooms.jobs.waiting()
    async with rooms.database.transaction() as tx:
        for purpose in (Purpose.NOTICE, Purpose.ANSWER, Purpose.FROM_AGENT):
            made = await rooms.sms.intend(tx, purpose=purpose, subject="con_1", name="help", number=CITIZEN)
            assert not isinstance(made, str)
    await rooms.dispatcher.settled()
    assert await rooms.jobs.waiting() == before + 1
