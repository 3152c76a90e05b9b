"""Two providers at once: when one fails the other takes over, when it is well again it drifts back, and nothing goes twice."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import median

import pytest

from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider
from sms.adapters.twilio import TwilioProvider
from sms.model import Purpose, Refused, State
from sms.routes import Route
from sms.service import Sms
from storage.database import Database
from tests.fakes.clock import HandClock
from tests.fakes.elks import Elks
from tests.fakes.twilio import Twilio
from tests.integration.sms.conftest import sms_by
from tests.integration.sms.test_sending import meant, now

MANY = 9


@pytest.fixture
def both(database: Database, clock: HandClock, provider: ElksProvider, by_twilio: TwilioProvider) -> Sms:
    return sms_by(
        database, clock, Route(provider=provider, per_second=1_000), Route(provider=by_twilio, per_second=1_000)
    )


async def some(sms: Sms, name: str, many: int = MANY) -> Sequence[str]:
    made = [await meant(sms, f"{name}_{number}", number=_number(number, name)) for number in range(many)]
    await sms.send_due()
    return [one.message for one in made]


def _number(number: int, name: str) -> PhoneNumber:
    return PhoneNumber(f"+467017406{10 + (number + sum(map(ord, name))) % 80}")


async def test_both_carry_texts_while_both_are_well(both: Sms, elks: Elks, twilio: Twilio) -> None:
    await some(both, "a", 40)
    assert len(elks.kept) + len(twilio.kept) == 40
    assert min(len(elks.kept), len(twilio.kept)) >= 8


async def test_what_one_surely_has_not_taken_the_other_is_asked_for_at_once(
    both: Sms, elks: Elks, twilio: Twilio
) -> None:
    elks.chance = lambda: "429"
    await some(both, "a", 20)
    assert (len(elks.kept), len(twilio.kept)) == (0, 20)


async def test_a_provider_that_fails_is_left_and_drifts_back(
    both: Sms, elks: Elks, twilio: Twilio, clock: HandClock
) -> None:
    elks.chance = lambda: "401"
    await some(both, "a", 40)
    clock.pass_time(seconds=2)
    assert (await both.shares())["46elks"] < 0.1
    asked = elks.asked
    await some(both, "b", 40)
    assert elks.asked - asked < 12, "it is only tried"
    assert len(twilio.kept) == 80
    elks.chance = lambda: ""
    for row in twilio.kept:
        await both.receipt(provider="twilio", provider_id=row["sid"], state=State.DELIVERED)
    parts = []
    for _ in range(10):
        clock.pass_time(minutes=1)
        parts.append((await both.shares())["46elks"])
    assert parts == sorted(parts)
    assert parts[0] < 0.2 < 0.4 < parts[-1] < 0.51


async def test_a_provider_that_is_slow_is_left_too(
    both: Sms, elks: Elks, clock: HandClock, provider: ElksProvider
) -> None:
    handed_over = provider.send

    async def slowly(one: object) -> object:
        clock.pass_time(seconds=4)
        return await handed_over(one)  # type: ignore[arg-type]

    provider.send = slowly  # type: ignore[method-assign,assignment]
    for number in range(30):  # one after the other: the clock is everybody's
        await some(both, f"n{number}", 1)
    clock.pass_time(seconds=2)
    assert (await both.shares())["46elks"] < 0.25


async def test_texts_that_do_not_arrive_turn_us_away_from_a_provider(
    both: Sms, elks: Elks, twilio: Twilio, clock: HandClock
) -> None:
    await some(both, "a", 60)
    for row in twilio.kept:
        await both.receipt(provider="twilio", provider_id=row["sid"], state=State.DELIVERED)
    clock.pass_time(minutes=6)
    assert (await both.shares())["46elks"] < 0.1, "none of its texts came"


async def test_while_it_is_unclear_at_one_the_other_is_never_asked(
    both: Sms, elks: Elks, twilio: Twilio, clock: HandClock
) -> None:
    elks.chance = lambda: "lost"
    elks.history_is_down = True
    messages = await some(both, "a", 30)
    lost = len(elks.kept)
    assert lost >= 5
    for _ in range(4):
        clock.pass_time(minutes=5)
        await both.send_due()
    assert (len(elks.kept), len(twilio.kept)) == (lost, 30 - lost)
    elks.history_is_down = False
    clock.pass_time(minutes=1)
    await both.send_due()
    assert {(await now_of(both, message))[0] for message in messages} == {State.ACCEPTED}
    assert (len(elks.kept), len(twilio.kept)) == (lost, 30 - lost), "they were found where they were asked for"


async def test_what_the_first_has_not_got_after_all_goes_by_the_second(
    both: Sms, elks: Elks, twilio: Twilio, clock: HandClock
) -> None:
    elks.chance = lambda: "dropped"
    await some(both, "a", 20)
    assert elks.kept == []
    clock.pass_time(seconds=31)
    await both.send_due()
    assert len(twilio.kept) == 20


async def test_a_provider_that_was_taken_out_of_the_settings_is_not_replaced_while_it_is_unclear_there(
    database: Database, both: Sms, elks: Elks, twilio: Twilio, clock: HandClock, by_twilio: TwilioProvider
) -> None:
    elks.chance = lambda: "lost"
    await some(both, "a", 30)
    taken = len(twilio.kept)
    alone = sms_by(database, clock, Route(provider=by_twilio))
    clock.pass_time(minutes=1)
    await alone.send_due()
    assert len(twilio.kept) == taken
    clock.pass_time(hours=25)
    await alone.send_due()
    assert (await alone.counted(since=clock.now() - timedelta(days=3)))[("46elks", State.UNCLEAR)] == len(elks.kept)


async def test_whoever_has_opted_out_at_a_provider_gets_nothing_by_the_other(
    both: Sms, elks: Elks, twilio: Twilio, clock: HandClock
) -> None:
    elks.chance = lambda: "401"  # so that every text comes to Twilio
    twilio.chance = lambda: "400/21610"
    message = await meant(both)
    await both.send_due()
    row = await now(both, message)
    assert (row.state, row.reason) == (State.FAILED, "opted_out_at_provider")
    async with both.database.transaction() as tx:
        again = await both.intend(tx, purpose=Purpose.PLACE_KEPT, subject="x", name="help", number=message.number)
    assert again is Refused.OPTED_OUT


async def now_of(sms: Sms, message: str) -> tuple[State, str]:
    async with sms.database.reading() as tx:
        row = await sms.get(tx, message)
    return row.state, row.provider


async def test_what_became_of_texts_is_counted_by_provider_for_those_who_look_after_them(
    both: Sms, elks: Elks, twilio: Twilio, clock: HandClock
) -> None:
    await some(both, "a", 20)
    for number, row in enumerate(elks.kept):
        clock.pass_time(seconds=2)
        state = State.FAILED if number == 0 else State.DELIVERED
        await both.receipt(provider="46elks", provider_id=row["id"], state=state)
    ours, theirs = await both.rates(since=clock.now() - timedelta(hours=1))
    assert (ours.provider, theirs.provider) == ("46elks", "twilio")
    assert (ours.failed, ours.delivered, ours.accepted, ours.unclear) == (1, len(elks.kept) - 1, 0, 0)
    assert (theirs.failed, theirs.delivered, theirs.accepted) == (0, 0, len(twilio.kept))
    arrived = [2.0 * (number + 1) for number in range(1, len(elks.kept))]
    assert (ours.median_seconds, theirs.median_seconds) == (median(arrived), None)
    clock.pass_time(hours=2)
    assert {one.delivered for one in await both.rates(since=clock.now() - timedelta(hours=1))} == {0}
