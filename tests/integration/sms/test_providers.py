"""What every provider keeps: the simulator and 46elks on a local port."""

import pytest

from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider
from sms.adapters.simulator import OnHandset, SimulatedProvider
from sms.model import State
from sms.ports import NotTakenError, Provider, ToSend
from storage.database import Database
from tests.fakes.clock import HandClock

CITIZEN = PhoneNumber("+46701740605")


@pytest.fixture(params=["simulator", "46elks"])
def each(request: pytest.FixtureRequest, database: Database, clock: HandClock, provider: ElksProvider) -> Provider:
    return SimulatedProvider(database, clock) if request.param == "simulator" else provider


async def test_what_was_sent_is_found_and_what_was_not_is_not(each: Provider, clock: HandClock) -> None:
    one = ToSend(ref="sat_1", number=CITIZEN, text="Hej! Åäö på dig.", since=clock.now())
    assert list(await each.look_up(one)) == []
    taken = await each.send(one)
    assert taken.state in (State.ACCEPTED, State.DELIVERED)
    assert [found.provider_id for found in await each.look_up(one)] == [taken.provider_id]
    other = ToSend(ref="sat_2", number=CITIZEN, text="Något annat", since=clock.now())
    assert list(await each.look_up(other)) == []


async def test_a_handset_shows_what_came_once(database: Database, clock: HandClock) -> None:
    simulated = SimulatedProvider(database, clock)
    one = ToSend(ref="sat_1", number=CITIZEN, text="Hej!", since=clock.now())
    await simulated.send(one)
    await simulated.send(one)
    assert list(await simulated.on_handset(CITIZEN)) == [OnHandset(clock.now(), "Hej!")]


async def test_a_provider_that_cannot_be_reached_has_not_taken_it(clock: HandClock) -> None:
    away = ElksProvider(url="http://127.0.0.1:1", username="u", password="p", sender=CITIZEN)
    with pytest.raises(NotTakenError):
        await away.send(ToSend(ref="sat_1", number=CITIZEN, text="Hej!", since=clock.now()))
    await away.close()
