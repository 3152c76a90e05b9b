"""What citizens write is kept once, whatever it is."""

import asyncio

import pytest

from core.phone import PhoneNumber
from sms import store
from sms.events import TextReceived
from sms.keywords import Keyword
from sms.model import Message, Purpose, Refused
from sms.service import Sms
from storage.database import Database
from storage.inbox import forget_before
from tests.fakes.clock import HandClock
from tests.unit.sms.test_keywords import HOSTILE

CITIZEN = "+46701740605"


async def test_the_same_text_five_times_at_once_is_one(sms: Sms, database: Database) -> None:
    facts: list[object] = []
    database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    told = [sms.receive(provider="46elks", provider_id="s1", number=CITIZEN, text="Ring!") for _ in range(5)]
    taken = [one for one in await asyncio.gather(*told) if one is not None]
    assert [(one.number.e164, one.keyword) for one in taken] == [(CITIZEN, Keyword.CALL)]
    assert [type(fact) for fact in facts] == [TextReceived]
    assert CITIZEN[3:] not in repr(facts)


async def test_a_text_that_is_brought_again_after_weeks_is_nothing_new(
    sms: Sms, database: Database, clock: HandClock
) -> None:
    assert await sms.receive(provider="twilio", provider_id="SM1", number=CITIZEN, text="STOPP") is not None
    await sms.receive(provider="twilio", provider_id="SM2", number=CITIZEN, text="START")
    clock.pass_time(days=20)
    async with database.transaction() as tx:
        await forget_before(tx, before=clock.now())
    assert await sms.receive(provider="twilio", provider_id="SM1", number=CITIZEN, text="STOPP") is None
    async with database.reading() as tx:
        assert not await store.is_opted_out(tx, PhoneNumber(CITIZEN))


async def test_whoever_writes_stopp_gets_that_answer_and_nothing_more_until_start(sms: Sms, database: Database) -> None:
    stop = await sms.receive(provider="46elks", provider_id="s1", number=CITIZEN, text="Stopp")
    assert stop is not None
    async with database.transaction() as tx:
        assert isinstance(await sms.answer(tx, stop, "stopped"), Message)
        other = await sms.intend(
            tx, purpose=Purpose.PLACE_KEPT, subject="con_1", name="help", number=PhoneNumber(CITIZEN)
        )
    assert other is Refused.OPTED_OUT
    start = await sms.receive(provider="46elks", provider_id="s2", number=CITIZEN, text="START")
    assert start is not None
    async with database.transaction() as tx:
        assert isinstance(await sms.answer(tx, start, "started"), Message)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_kept_harmless(sms: Sms, text: str) -> None:
    taken = await sms.receive(provider="46elks", provider_id="s1", number=CITIZEN, text=text)
    assert taken is not None
    kept = (await sms.received(taken.received)).text
    assert len(kept) <= 2_000
    assert not {"\x00", "\x1b", "\u202e", "\ud800"} & set(kept)


@pytest.mark.parametrize("number", ["", "Försäkring", "46elks", "+", "0" * 50])
async def test_a_sender_who_cannot_be_answered_is_left_be(sms: Sms, number: str) -> None:
    assert await sms.receive(provider="46elks", provider_id="s1", number=number, text="RING") is None
