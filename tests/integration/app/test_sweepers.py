"""Several sweepers: whoever was so slow that another took over leaves the rest to it; and what sweepers show of themselves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from app.doctor import _promises
from app.figures import CallbackFigures
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.sweeper import _count_promises, _forget
from app.system import SystemClock
from app.wiring import Rooms, rooms_of
from callbacks.configuration import load_callbacks
from storage.database import Database
from storage.leases import acquire
from tests.fakes.clock import HandClock
from tests.integration.callbacks.asking import number_of, promised


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


async def test_caps_on_promises_that_are_reached_are_shown_and_named_by_doctor(
    rooms: Rooms, clock: HandClock, tmp_path: Path
) -> None:
    clock.at = SystemClock().now()  # doctor looks at the real one
    folder = copytree(rooms.settings.config_dir, tmp_path / "config")
    edited = (folder / "callbacks.yaml").read_text("utf-8").replace("range_per_hour: 100", "range_per_hour: 2")
    (folder / "callbacks.yaml").write_text(edited, "utf-8")
    settings = rooms.settings.model_copy(update={"config_dir": folder})
    rooms.callbacks.renew(load_callbacks(edited))
    figures = CallbackFigures(registry := CollectorRegistry())

    async def ranges() -> float | None:
        await _count_promises(rooms, figures)
        return registry.get_sample_value("kc_callbacks_full_ranges")

    await promised(rooms.callbacks, rooms.contacts, "con_a", number_of(0))
    assert (await ranges(), (await _promises(settings)).ok) == (0, True)
    await promised(rooms.callbacks, rooms.contacts, "con_b", number_of(1))
    found = await _promises(settings)
    assert (await ranges(), found.ok) == (1, False)
    assert found.state == "0% of the promises of an hour are used; ranges of numbers at their cap: 1"
