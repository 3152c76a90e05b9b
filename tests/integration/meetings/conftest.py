"""Meetings at the offices that we ship, on each kind of database, with a clock that stands."""

import pytest

from core.events import Event
from meetings.service import Meetings
from storage.database import Database
from tests.builders.meetings import meetings_over
from tests.fakes.clock import CountingIds, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def meetings(database: Database, clock: HandClock) -> Meetings:
    return meetings_over(database, clock, CountingIds())


@pytest.fixture
def told(database: Database) -> list[Event]:
    facts: list[Event] = []
    database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    return facts
