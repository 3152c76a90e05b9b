"""Each text is sent once, whatever the provider and our processes do meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.phone import PhoneNumber
from sms import store
from sms.adapters.elks import ElksProvider
from sms.counting_store import Caps
from sms.events import TextEnded, TextIntended
from sms.model import Attempt, Message, Purpose, Refused, State
from sms.routes import Route
from sms.service import Sms
from storage.database import Database
from tests.fakes.clock import HandClock
from tests.fakes.elks import Elks
from tests.integration.sms.conftest import TEXTS, sms_by

CITIZEN = PhoneNumber("+46701740605")


async def meant(sms: Sms, subject: str = "con_1", **changes: Any) -> Message:
    wanted = {"purpose": Purpose.ANSWER, "name": "nothing_done", "number": CITIZEN, **changes}
    async with sms.database.transaction() as tx:
        message = await sms.intend(tx, subject=subject, **wanted)
    assert isinstance(message, Message)
    return message


async def begin(sms: Sms, message: Message) -> tuple[Message, Attempt]:
    """Write the attempt, as far as the moment before the provider is asked."""
    await sms.shares()
    async with sms.database.transaction() as tx:
        ((row, attempt),), _ = await sms._begin(tx, [(message, True)])
    return row, attempt


async def now(sms: Sms, message: Message) -> Message:
    async with sms.database.reading() as tx:
        return await sms.get(tx, message.message)


async def test_a_text_is_sent_once_and_its_receipts_move_it_on(sms: Sms, elks: Elks) -> None:
    facts: list[Any] = []
    sms.database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    message = await meant(sms)
    assert (await meant(sms)).message == message.message
    await sms.send(message.message)
    await sms.send(message.message)
    assert await sms.send_due() == 0
    assert [(row["to"], row["message"]) for row in elks.kept] == [(CITIZEN.e164, message.text)]
    assert (await now(sms, message)).state is State.ACCEPTED
    for state in (State.DELIVERED, State.SENT, State.DELIVERED, State.FAILED):
        assert await sms.receipt(provider="46elks", provider_id=elks.kept[0]["id"], state=state)
    assert (await now(sms, message)).state is State.DELIVERED
    assert [type(fact) for fact in facts] == [TextIntended, TextEnded]
    assert "ref=sat_" in elks.receipts[0]


@pytest.mark.parametrize("fault", ["lost", "500 taken", "garbled"])
async def test_a_lost_reply_is_looked_up_and_not_sent_again(sms: Sms, elks: Elks, clock: HandClock, fault: str) -> None:
    elks.faults.append(fault)
    message = await meant(sms)
    await sms.send(message.message)
    assert (await now(sms, message)).state is State.SENDING
    assert await sms.send_due() == 0, "it has not settled"
    clock.pass_time(seconds=31)
    assert await sms.send_due() == 1
    row = await now(sms, message)
    assert (row.state, row.provider_id) == (State.ACCEPTED, elks.kept[0]["id"])
    assert elks.asked == 1


async def test_the_receipt_settles_a_lost_reply_too(sms: Sms, elks: Elks) -> None:
    elks.faults.append("lost")
    message = await meant(sms)
    await sms.send(message.message)
    ref = elks.receipts[0].rpartition("ref=")[2]
    assert not await sms.receipt(provider="46elks", provider_id="s1", state=State.DELIVERED, ref="sat_unknown")
    assert await sms.receipt(provider="46elks", provider_id=elks.kept[0]["id"], state=State.DELIVERED, ref=ref)
    assert (await now(sms, message)).state is State.DELIVERED
    assert await sms.send_due() == 0


async def test_what_cannot_be_looked_up_is_never_sent_again(sms: Sms, elks: Elks, clock: HandClock) -> None:
    elks.faults.append("lost")
    elks.history_is_down = True
    message = await meant(sms)
    await sms.send(message.message)
    for _ in range(3):
        clock.pass_time(minutes=5)
        await sms.send_due()
    assert (await now(sms, message)).state is State.SENDING
    clock.pass_time(hours=24)
    await sms.send_due()
    row = await now(sms, message)
    assert (row.state, row.reason, row.next_at) == (State.UNCLEAR, "cannot_be_looked_up", None)
    assert elks.asked == 1


async def test_killed_before_the_provider_was_asked_it_is_sent_after_a_look(
    sms: Sms, elks: Elks, clock: HandClock
) -> None:
    message = await meant(sms)
    await begin(sms, message)  # and here the process was killed
    clock.pass_time(seconds=31)
    await sms.send_due()  # looked up: the provider has not got it
    assert (await now(sms, message)).state is State.WAITING
    clock.pass_time(seconds=21)
    await sms.send_due()
    assert (await now(sms, message)).state is State.ACCEPTED
    assert len(elks.kept) == 1


async def test_killed_after_the_provider_took_it_it_is_found_there(sms: Sms, elks: Elks, clock: HandClock) -> None:
    message = await meant(sms)
    row, attempt = await begin(sms, message)
    await sms._ask(row, attempt)  # and here the process was killed, before it wrote the answer
    clock.pass_time(seconds=31)
    await sms.send_due()
    assert (await now(sms, message)).state is State.ACCEPTED
    assert len(elks.kept) == 1


async def test_the_same_words_to_the_same_number_are_two_texts(sms: Sms, elks: Elks, clock: HandClock) -> None:
    """The look-up of the second must not find the first."""
    first, second = await meant(sms, "con_1"), await meant(sms, "con_2")
    await sms.send(first.message)
    await begin(sms, second)  # killed before it asked
    clock.pass_time(seconds=31)
    await sms.send_due()
    assert (await now(sms, second)).state is State.WAITING


async def test_a_provider_that_is_away_is_asked_again(sms: Sms, elks: Elks, clock: HandClock) -> None:
    elks.faults.extend(["429", "401"])
    message = await meant(sms)
    await sms.send_due()
    for pause in (20, 40):
        assert (await now(sms, message)).state is State.WAITING
        clock.pass_time(seconds=pause)
        await sms.send_due()
    assert (await now(sms, message)).state is State.ACCEPTED
    assert len(elks.kept) == 1


async def test_a_text_that_the_provider_refuses_is_over(sms: Sms, elks: Elks) -> None:
    elks.faults.append("400")
    message = await meant(sms)
    await sms.send_due()
    row = await now(sms, message)
    assert (row.state, row.reason, row.next_at) == (State.FAILED, "400", None)


async def test_what_is_of_no_use_any_more_is_not_sent(sms: Sms, elks: Elks, clock: HandClock) -> None:
    late = await meant(sms, "con_1", expires_at=clock.now() + timedelta(minutes=1))
    clock.pass_time(minutes=2)
    unwanted = await meant(sms, "con_2")

    async def wanted(_: Message) -> bool:
        return False

    sms.still_wanted = wanted
    await sms.send_due()
    assert [((await now(sms, one)).state, (await now(sms, one)).reason) for one in (late, unwanted)] == [
        (State.DROPPED, Refused.TOO_LATE), (State.DROPPED, Refused.NOT_WANTED),
    ]  # fmt: skip
    assert not elks.kept


@pytest.mark.parametrize(
    "number", [None, PhoneNumber("+46771524524"), PhoneNumber("+4681234567"), PhoneNumber("+4790000000")]
)
async def test_only_swedish_mobile_numbers_get_texts(sms: Sms, number: PhoneNumber | None) -> None:
    async with sms.database.transaction() as tx:
        assert await sms.intend(tx, purpose=Purpose.ANSWER, subject="x", name="help", number=number) is (
            Refused.NOT_MOBILE
        )


async def test_whoever_has_just_written_is_answered_before_thousands_of_others(sms: Sms, elks: Elks) -> None:
    for number in range(3):
        await meant(sms, f"con_{number}", purpose=Purpose.FROM_AGENT, name="started")
    answer = await meant(sms, "answer", name="help")
    await sms.send_due(most=2)
    assert elks.kept[0]["message"] == answer.text or elks.kept[1]["message"] == answer.text


async def test_a_process_that_stood_still_does_not_ask_any_more(sms: Sms, elks: Elks, clock: HandClock) -> None:
    """Meanwhile another may have looked it up, and be about to send it again."""
    message = await meant(sms)
    row, attempt = await begin(sms, message)
    clock.pass_time(seconds=29)
    async with sms.database.transaction() as tx:
        await sms._write_in(tx, [await sms._ask(row, attempt)])
    assert elks.asked == 0
    clock.pass_time(seconds=21)
    await sms.send_due()
    assert len(elks.kept) == 1


async def test_only_so_many_a_second_are_asked_of_a_provider(
    database: Database, clock: HandClock, provider: ElksProvider, elks: Elks
) -> None:
    slow = sms_by(database, clock, Route(provider=provider, per_second=3))
    for number in range(10):
        await meant(slow, f"con_{number}")
    assert await slow.send_due() == 3
    assert (await slow.counted(since=clock.now()))[("", State.WAITING)] == 7, (
        "what waits has no attempt whose time runs"
    )


async def test_nobody_gets_more_than_the_cap(sms: Sms) -> None:
    for number in range(TEXTS.policy.number_per_day):
        await meant(sms, f"con_{number}")
    async with sms.database.transaction() as tx:
        assert await sms.intend(tx, purpose=Purpose.ANSWER, subject="more", name="help", number=CITIZEN) is (
            Refused.TOO_MANY
        )


async def test_a_cap_for_everybody_stops_strangers_and_is_seen_and_whoever_knows_us_is_served(
    sms: Sms, clock: HandClock
) -> None:
    policy = replace(TEXTS.policy, number_per_day=2, range_per_hour=3, all_per_hour=4)
    sms.renew(replace(TEXTS, policy=policy))
    for number in range(3):
        await meant(sms, f"con_{number}", number=PhoneNumber(f"+4670174061{number}"))
    stranger, ours = PhoneNumber("+46701740618"), PhoneNumber("+46701740619")

    async def known(_: object, number: PhoneNumber) -> bool:
        return number == ours

    sms.is_known = known
    assert await sms.caps() == Caps(hour_used=0.75, full_ranges=1, full_numbers=0)
    async with sms.database.transaction() as tx:
        refused = await sms.intend(tx, purpose=Purpose.ANSWER, subject="s", name="help", number=stranger)
    assert refused is Refused.TOO_MANY
    for number in range(2):
        await meant(sms, f"ours_{number}", number=ours)
    async with sms.database.transaction() as tx:
        beyond = await sms.intend(tx, purpose=Purpose.ANSWER, subject="o", name="help", number=ours)
    assert beyond is Refused.TOO_MANY, "its own cap holds for everybody"
    assert await sms.caps() == Caps(hour_used=1.25, full_ranges=1, full_numbers=1)
    clock.pass_time(hours=2)
    assert await sms.caps() == Caps(hour_used=0, full_ranges=0, full_numbers=1)


async def test_what_is_no_answer_waits_for_the_morning(sms: Sms, clock: HandClock, elks: Elks) -> None:
    clock.at = datetime(2026, 11, 16, 21, 0, tzinfo=UTC)
    message = await meant(sms, purpose=Purpose.CALLBACK_GIVEN_UP, name="callback_given_up")
    assert await sms.send_due() == 0
    assert message.next_at == datetime(2026, 11, 17, 7, 0, tzinfo=UTC)


async def test_a_long_history_is_read_to_its_end(sms: Sms, elks: Elks, clock: HandClock) -> None:
    elks.page = 2
    elks.faults.append("lost")
    message = await meant(sms)
    await sms.send(message.message)
    for number in range(5):
        elks.kept.append(elks.kept[0] | {"id": f"sother{number}", "message": "something else"})
        elks.kept[-1]["created"] = datetime.now(UTC).replace(tzinfo=None).isoformat()
    clock.pass_time(seconds=31)
    await sms.send_due()
    assert (await now(sms, message)).provider_id == elks.kept[0]["id"]


async def test_counts_and_forgets(sms: Sms, elks: Elks, clock: HandClock, database: Database) -> None:
    message = await meant(sms)
    await sms.send_due()
    await sms.receipt(provider="46elks", provider_id=elks.kept[0]["id"], state=State.DELIVERED)
    assert await sms.counted(since=clock.now()) == {("46elks", State.DELIVERED): 1}
    clock.pass_time(days=2)
    assert await sms.forget(before=clock.now()) == 1
    async with database.reading() as tx:
        assert await store.find(tx, message.message) is None
