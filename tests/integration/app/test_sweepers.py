"""Several sweepers: whoever was so slow that another took over leaves the rest to it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.safety import complete
from app.settings import Settings, SwitchKind
from app.sweeper import _forget
from app.wiring import Rooms, rooms_of
from storage.database import Database
from storage.leases import acquire
from tests.fakes.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, database: Database, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(
        demo=True, switch=SwitchKind.SIMULATOR, state_dir=tmp_path, redis_url=valkey_url, database_url=url
    )
    async with rooms_of(complete(settings), clock=clock) as made:
        yield made


async def test_one_that_forgets_too_slowly_leaves_the_rest_to_whoever_took_over(
    rooms: Rooms, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_over = False

    async def slowly(*, older_than: timedelta) -> int:
        clock.pass_time(seconds=31)
        if taken_over:
            async with rooms.database.transaction() as tx:
                assert await acquire(tx, "forget", holder="another", now=clock.now(), hold=timedelta(seconds=30))
        return 0

    async def forgotten() -> dict[str, object]:
        with capture_logs() as lines:
            await _forget(rooms)
        return lines[-1] if lines else {}

    monkeypatch.setattr(rooms.identity, "forget_tries", slowly)
    assert {"tries", "waits", "texts", "numbers", "told"} <= (await forgotten()).keys(), "nobody else was there"
    clock.pass_time(seconds=31)
    taken_over = True
    refused = await forgotten()
    assert "another process" in str(refused["event"])
    assert not {"waits", "texts", "numbers", "told"} & refused.keys()
    assert not await forgotten(), "the other has it still"
