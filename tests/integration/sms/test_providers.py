"""What every provider keeps: the simulator, and 46elks and Twilio on local ports."""

from datetime import timedelta

import pytest

from core.errors import UnavailableError
from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider
from sms.adapters.simulator import OnHandset, SimulatedProvider
from sms.adapters.twilio import TwilioProvider
from sms.model import State
from sms.ports import (
    NotTakenError,
    OptedOutAtProviderError,
    Provider,
    RefusedByProviderError,
    ToSend,
    UnclearError,
)
from storage.database import Database
from tests.fakes.clock import HandClock
from tests.fakes.elks import Elks
from tests.fakes.texting import Double
from tests.fakes.twilio import Twilio

CITIZEN = PhoneNumber("+46701740605")


@pytest.fixture(params=["simulator", "46elks", "twilio"])
def each(
    request: pytest.FixtureRequest,
    database: Database,
    clock: HandClock,
    provider: ElksProvider,
    by_twilio: TwilioProvider,
) -> Provider:
    return {"simulator": SimulatedProvider(database, clock), "46elks": provider, "twilio": by_twilio}[request.param]


@pytest.fixture(params=["46elks", "twilio"])
def outside(
    request: pytest.FixtureRequest, provider: ElksProvider, by_twilio: TwilioProvider, elks: Elks, twilio: Twilio
) -> tuple[Provider, Double]:
    return (provider, elks) if request.param == "46elks" else (by_twilio, twilio)


def one_text(clock: HandClock, text: str = "Hej! Åäö på dig.", ref: str = "sat_1") -> ToSend:
    return ToSend(ref=ref, number=CITIZEN, text=text, since=clock.now())


async def test_what_was_sent_is_found_and_what_was_not_is_not(each: Provider, clock: HandClock) -> None:
    one = one_text(clock)
    assert list(await each.look_up(one)) == []
    taken = await each.send(one)
    assert taken.state in (State.ACCEPTED, State.DELIVERED)
    assert [found.provider_id for found in await each.look_up(one)] == [taken.provider_id]
    assert list(await each.look_up(one_text(clock, "Något annat", "sat_2"))) == []


@pytest.mark.parametrize("fault", ["lost", "500 taken", "garbled"])
async def test_a_text_whose_reply_is_lost_is_unclear_and_found(
    outside: tuple[Provider, Double], clock: HandClock, fault: str
) -> None:
    provider, double = outside
    double.faults.append(fault)
    with pytest.raises(UnclearError):
        await provider.send(one_text(clock))
    assert len(await provider.look_up(one_text(clock))) == 1
    assert "ref=sat_1" in double.receipts[0]


async def test_a_reply_that_takes_too_long_is_unclear(outside: tuple[Provider, Double], clock: HandClock) -> None:
    provider, double = outside
    double.faults.append("slow")
    double.slow_seconds = 2.5
    with pytest.raises(UnclearError, match="Timeout"):
        await provider.send(one_text(clock))


@pytest.mark.parametrize("fault", ["401", "402", "403", "404", "429"])
async def test_what_can_be_mended_at_the_provider_is_not_taken(
    outside: tuple[Provider, Double], clock: HandClock, fault: str
) -> None:
    provider, double = outside
    double.faults.append(fault)
    with pytest.raises(NotTakenError):
        await provider.send(one_text(clock))


async def test_history_that_cannot_be_read_is_unavailable(outside: tuple[Provider, Double], clock: HandClock) -> None:
    provider, double = outside
    double.history_is_down = True
    with pytest.raises(UnavailableError):
        await provider.look_up(one_text(clock))


async def test_what_went_before_the_attempt_is_not_taken_for_it(
    outside: tuple[Provider, Double], clock: HandClock
) -> None:
    provider, _ = outside
    await provider.send(one_text(clock))
    clock.pass_time(minutes=5)
    assert list(await provider.look_up(one_text(clock))) == []


async def test_a_long_history_is_read_to_its_end_and_one_without_end_is_given_up(
    outside: tuple[Provider, Double], clock: HandClock
) -> None:
    provider, double = outside
    double.page = 2
    first = await provider.send(one_text(clock))
    for number in range(7):
        clock.pass_time(seconds=1)
        await provider.send(one_text(clock, f"text {number}"))
    since = ToSend(ref="sat_1", number=CITIZEN, text=one_text(clock).text, since=clock.now() - timedelta(seconds=8))
    assert [one.provider_id for one in await provider.look_up(since)] == [first.provider_id]
    for number in range(20):
        clock.pass_time(seconds=1)
        await provider.send(one_text(clock, f"more {number}"))
    with pytest.raises(UnavailableError):
        await provider.look_up(since)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("400/21610", OptedOutAtProviderError),  # wrote STOP to this sender
        ("400/21211", RefusedByProviderError),  # no such number
        ("400/21614", RefusedByProviderError),  # not a mobile number
        ("400/21606", NotTakenError),  # the sender is not ours: a fault of settings
        ("429/20429", NotTakenError),  # too many requests
        ("429/21611", NotTakenError),  # the sender's queue is full
        ("401/20003", NotTakenError),  # the token was changed
        ("503/20503", UnclearError),  # nobody knows
    ],
)
async def test_twilios_codes_mean_what_its_manual_says(
    by_twilio: TwilioProvider, twilio: Twilio, clock: HandClock, fault: str, error: type[Exception]
) -> None:
    twilio.faults.append(fault)
    with pytest.raises(error) as said:
        await by_twilio.send(one_text(clock))
    assert type(said.value) is error
    assert twilio.kept == []


async def test_a_handset_shows_what_came_once(database: Database, clock: HandClock) -> None:
    simulated = SimulatedProvider(database, clock)
    one = ToSend(ref="sat_1", number=CITIZEN, text="Hej!", since=clock.now())
    await simulated.send(one)
    await simulated.send(one)
    assert list(await simulated.on_handset(CITIZEN)) == [OnHandset(clock.now(), "Hej!")]


@pytest.mark.parametrize("kind", ["46elks", "twilio"])
async def test_a_provider_that_cannot_be_reached_has_not_taken_it(clock: HandClock, kind: str) -> None:
    away: Provider = (
        ElksProvider(url="http://127.0.0.1:1", username="u", password="p", sender=CITIZEN)
        if kind == "46elks"
        else TwilioProvider(url="http://127.0.0.1:1", account="a", token="t", sender=CITIZEN)
    )
    with pytest.raises(NotTakenError):
        await away.send(one_text(clock))
    await away.close()
