"""The fixtures ``system`` (both switches, one after the other) and ``world`` (people who ring it and work in it)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.cache_folder import chosen_cache
from telephony.asterisk.install import AsteriskNotAvailableError, find_or_fetch
from tests.fixtures_storage import fresh_postgresql
from tests.journeys.world import World
from tests.needs import missing
from tests.running import System

both_switches = pytest.mark.parametrize("system", ["simulator", "asterisk"], indirect=True)
both_switches_and_stores = pytest.mark.parametrize(
    "system", ["simulator", "asterisk", "simulator on postgresql"], indirect=True
)
real_switch_only = pytest.mark.parametrize("system", ["asterisk"], indirect=True)

_DATABASE = "kc_journeys"


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The complete system, started once for all stories that are told to it."""
    if request.param == "asterisk":
        try:
            find_or_fetch(chosen_cache())
        except AsteriskNotAvailableError as error:
            missing(str(error))
    system = _system(request, tmp_path_factory.mktemp(request.param.replace(" ", "-")))
    try:
        system.start()
        yield system
    finally:
        system.stop()


def _system(request: pytest.FixtureRequest, folder: Path) -> System:
    kind, _, store = request.param.partition(" on ")
    if not store:
        return System(kind, folder)
    server = request.getfixturevalue("postgresql_url")
    return System(kind, folder, postgresql=asyncio.run(fresh_postgresql(server, name=_DATABASE)))


async def _begins_anew(system: System, request: pytest.FixtureRequest) -> None:
    """Give the stories that follow an empty system: what one of them left behind for good must not fail them, too."""
    await asyncio.to_thread(system.stop)
    if "postgresql" in system.database_url:
        await fresh_postgresql(request.getfixturevalue("postgresql_url"), name=_DATABASE)
    system.forgets_everything()
    await asyncio.to_thread(system.start)


@pytest.fixture
async def world(system: System, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Everybody in one story; at its end the books balance and no process has logged an error."""
    async with World(system) as world:
        yield world
        try:
            await world.comes_to_rest()
        except BaseException:
            await _begins_anew(system, request)
            raise
        assert await system.ledger_faults() == []
        assert world.errors() == []
