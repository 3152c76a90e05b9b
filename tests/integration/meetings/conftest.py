"""Meetings at the offices that we ship, on each kind of database, with a clock that stands."""

import pytest

from core.events import Event
from meetings.service import Meetings
from storage.database import Database
from tests.fakes.clock import CountingIds, HandClock
from tests.unit.meetings.offices import register


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def meetings(database: Database, clock: HandClock) -> Meetings:
    return Meetings(database=database, clock=clock, new_id=CountingIds(), register=register())


@pytest.fixture
def told(database: Database) -> list[Event]:
    facts: list[Event] = []
    database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    return facts
