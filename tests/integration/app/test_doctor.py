"""What `kundcenter doctor` says of the watcher, from what the controller has left in the live store."""

import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from app.controller import _tell_watch
from app.doctor import Finding, _watcher
from app.metrics import WATCH_KEY
from app.settings import Settings, SwitchKind
from app.wiring import Rooms
from telephony.asterisk.watching import SecurityKind, WatchReport, WatchState


class Reporting:
    """A watcher and the rooms that it stands in, as far as its report goes."""

    def __init__(self, redis: Redis, state: WatchState) -> None:
        self.redis = redis
        self._report = WatchReport(
            state=state,
            restarts=1,
            security_events={SecurityKind.WRONG_PASSWORD: 2},
            reachable=frozenset({"agent-asa"}),
        )

    def report(self) -> WatchReport:
        return self._report


async def looked_at(valkey_url: str, tmp_path: Path) -> Finding:
    return await _watcher(Settings(switch=SwitchKind.ASTERISK, redis_url=valkey_url, state_dir=tmp_path))


@pytest.mark.parametrize(
    ("state", "ok", "words"),
    [
        # the first seconds of a start are no fault
        (WatchState.STARTING, True, "is starting"),
        (WatchState.WATCHING, True, "1 softphones registered, 1 restarts, 2 failed log-ins"),
        (WatchState.LOST, False, "is not connected over AMI"),
    ],
)
async def test_the_watcher_is_starting_well_or_lost(
    redis: Redis, valkey_url: str, tmp_path: Path, state: WatchState, ok: bool, words: str
) -> None:
    watcher = Reporting(redis, state)
    rooms: Rooms = watcher  # type: ignore[assignment]
    await _tell_watch(rooms, watcher)  # type: ignore[arg-type]
    found = await looked_at(valkey_url, tmp_path)
    assert found.ok is ok
    assert words in found.state
    assert bool(found.fix) is not ok


async def test_a_watcher_of_whom_nobody_tells_is_not_there(redis: Redis, valkey_url: str, tmp_path: Path) -> None:
    assert not (await looked_at(valkey_url, tmp_path)).ok
    await redis.set(WATCH_KEY, json.dumps({"restarts": 0}))
    assert not (await looked_at(valkey_url, tmp_path)).ok
