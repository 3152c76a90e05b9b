"""Texts on each kind of database, by providers on local ports, with a clock that stands."""

from collections.abc import AsyncIterator

import pytest

from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider
from sms.adapters.twilio import TwilioProvider
from sms.routes import Route
from sms.service import Sms
from sms.wording import load_texts
from storage.database import Database
from tests.architecture.tree import ROOT
from tests.fakes import elks as fake
from tests.fakes import twilio as fake_twilio
from tests.fakes.clock import CountingIds, HandClock
from tests.fakes.texting import serving

TEXTS = load_texts((ROOT / "config/sms.yaml").read_text("utf-8"))
OURS = PhoneNumber("+46701740699")


@pytest.fixture
async def elks(clock: HandClock) -> AsyncIterator[fake.Elks]:
    async with serving(fake.Elks()) as elks:
        elks.now = clock.now
        yield elks


@pytest.fixture
async def provider(elks: fake.Elks) -> AsyncIterator[ElksProvider]:
    provider = ElksProvider(
        url=elks.url, username=fake.USERNAME, password=fake.PASSWORD, sender=OURS,
        receipts="https://46elks:secret@kc.example/webhooks/sms/46elks/receipts", seconds=2,
    )  # fmt: skip
    yield provider
    await provider.close()


@pytest.fixture
async def twilio(clock: HandClock) -> AsyncIterator[fake_twilio.Twilio]:
    async with serving(fake_twilio.Twilio()) as twilio:
        twilio.now = clock.now
        yield twilio


@pytest.fixture
async def by_twilio(twilio: fake_twilio.Twilio) -> AsyncIterator[TwilioProvider]:
    provider = TwilioProvider(
        url=twilio.url, account=fake_twilio.ACCOUNT, token=fake_twilio.TOKEN, sender=OURS,
        receipts="https://kc.example/webhooks/sms/twilio/receipts", seconds=2,
    )  # fmt: skip
    yield provider
    await provider.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


IDS = CountingIds()
"""Of all rooms on one database, so that the next process does not begin from one."""


def sms_by(database: Database, clock: HandClock, *routes: Route) -> Sms:
    return Sms(database=database, clock=clock, new_id=IDS, texts=TEXTS, own_number="0771-524 524", routes=routes)


@pytest.fixture
def sms(database: Database, clock: HandClock, provider: ElksProvider) -> Sms:
    return sms_by(database, clock, Route(provider=provider))
