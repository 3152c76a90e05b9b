"""Promises on each kind of database, with a clock that stands."""

from itertools import count

import pytest

from callbacks.service import Callbacks
from contacts.service import Contacts
from core.events import Event
from storage.database import Database
from tests.fakes.clock import CountingIds, HandClock
from tests.integration.callbacks.asking import POLICY


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def contacts(database: Database, clock: HandClock) -> Contacts:
    return Contacts(database=database, clock=clock)


@pytest.fixture
def callbacks(database: Database, clock: HandClock, contacts: Contacts) -> Callbacks:
    codes = (f"{number:06d}" for number in count(731_904))
    return Callbacks(
        database=database,
        clock=clock,
        new_id=CountingIds(),
        contacts=contacts,
        policy=POLICY,
        new_proof=lambda: next(codes),
    )


@pytest.fixture
def told(database: Database) -> list[Event]:
    facts: list[Event] = []
    database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    return facts
