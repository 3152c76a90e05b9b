"""Webhooks on each kind of database, a receiver on a local port, and a clock that stands."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.fakes.clock import HandClock
from tests.fakes.receiver import OLDER, SECRET, Receiver
from tests.fakes.texting import serving
from webhooks.adapters.http import HttpPost
from webhooks.model import Subscription
from webhooks.reach import Reach
from webhooks.service import Webhooks

EVENTS = frozenset({"text.delivered", "text.received"})


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def receiver(clock: HandClock) -> AsyncIterator[Receiver]:
    async with serving(Receiver()) as receiver:
        receiver.now = clock.now
        yield receiver


@pytest.fixture
async def post() -> AsyncIterator[HttpPost]:
    post = HttpPost(reach=Reach(loopback=True), seconds=0.5)
    yield post
    await post.close()


def subscribed(url: str, *, system: str = "journal", secrets: tuple[str, ...] = (SECRET, OLDER)) -> Subscription:
    return Subscription(system=system, url=url, events=EVENTS, secrets=secrets)


def webhooks_of(database: Database, clock: HandClock, post: HttpPost, *subscriptions: Subscription) -> Webhooks:
    return Webhooks(database=database, clock=clock, chance=lambda: 0.0, post=post, subscriptions=subscriptions)


@pytest.fixture
def webhooks(database: Database, clock: HandClock, post: HttpPost, receiver: Receiver) -> Webhooks:
    return webhooks_of(database, clock, post, subscribed(f"{receiver.url}/hook"))
