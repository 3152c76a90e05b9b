"""Texts on each kind of database, by a provider on a local port, with a clock that stands."""

from collections.abc import AsyncIterator

import pytest

from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider
from sms.service import Sms
from sms.wording import load_texts
from storage.database import Database
from tests.architecture.tree import ROOT
from tests.fakes import elks as fake
from tests.fakes.clock import CountingIds, HandClock

TEXTS = load_texts((ROOT / "config/sms.yaml").read_text("utf-8"))
OURS = PhoneNumber("+46701740699")


@pytest.fixture
async def elks(clock: HandClock) -> AsyncIterator[fake.Elks]:
    async with fake.serving() as elks:
        elks.now = clock.now
        yield elks


@pytest.fixture
async def provider(elks: fake.Elks) -> AsyncIterator[ElksProvider]:
    provider = ElksProvider(
        url=elks.url, username=fake.USERNAME, password=fake.PASSWORD, sender=OURS,
        receipts="https://46elks:secret@kc.example/sms/46elks/receipts", seconds=2,
    )  # fmt: skip
    yield provider
    await provider.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sms(database: Database, clock: HandClock, provider: ElksProvider) -> Sms:
    return Sms(
        database=database, clock=clock, new_id=CountingIds(), texts=TEXTS, own_number="0771-524 524", provider=provider
    )
