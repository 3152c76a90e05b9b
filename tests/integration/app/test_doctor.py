"""What `kundcenter doctor` names, and the fix: of settings, folders and systems that are not well, and of the watcher."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from redis.asyncio import Redis

from app import doctor
from app.controller import _tell_watch
from app.doctor import Finding, _asterisk, _cases, _polling, _promises, _sound, _texts, _told, _watcher, examine
from app.metrics import WATCH_KEY
from app.settings import Settings, SwitchKind
from app.system import SystemClock
from app.wiring import Rooms
from cases.events_store import keep_place
from core.ids import LegId
from storage.database import Database
from storage.schema import metadata
from telephony.asterisk.watching import CallQuality, SecurityKind, Side, WatchReport, WatchState
from tests.asterisk import free_port
from tests.fixtures_storage import fresh_postgresql


class Reporting:
    """A watcher and the rooms that it stands in, as far as its report goes."""

    def __init__(self, redis: Redis, state: WatchState, *heard: CallQuality) -> None:
        self.redis = redis
        self._report = WatchReport(
            state=state,
            restarts=1,
            security_events={SecurityKind.WRONG_PASSWORD: 2, SecurityKind.ADDRESS_REFUSED: 1},
            reachable=frozenset({"agent-asa"}),
            quality={(one.leg, one.heard_by_us): one for one in heard},
        )
        self.dispatcher = self

    def contact_of(self, leg: str) -> str:
        return f"con_of_{leg}" if leg in "abc" else ""

    def report(self) -> WatchReport:
        return self._report


async def test_what_prompts_are_spoken_with_is_looked_for_also_beside_a_switch_of_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await _asterisk(Settings(ari_url="http://127.0.0.1:8088", cache_dir=tmp_path))
    assert not found.ok
    assert "prompts cannot be spoken" in found.state
    assert "make asterisk" in found.fix


@pytest.mark.parametrize("look", [_promises, _texts, _told])
async def test_a_database_without_our_tables_is_named_with_its_fix(
    tmp_path: Path, postgresql_url: str, look: Callable[[Settings], Awaitable[Finding]]
) -> None:
    for url in ("", await fresh_postgresql(postgresql_url)):
        found = await look(Settings(demo=True, state_dir=tmp_path, database_url=url))
        assert (found.ok, found.fix) == (False, "Run: kundcenter db upgrade")
        assert found.state == "not known: the database has not got our tables yet"


async def looked_at(valkey_url: str, tmp_path: Path) -> Finding:
    return await _watcher(Settings(switch=SwitchKind.ASTERISK, redis_url=valkey_url, state_dir=tmp_path))


@pytest.mark.parametrize(
    ("state", "ok", "words"),
    [
        # the first seconds of a start are no fault
        (WatchState.STARTING, True, "is starting"),
        (
            WatchState.WATCHING,
            True,
            "1 softphones registered, 1 restarts; refused at the switch's door since we watch: "
            "1 × address refused, 2 × wrong password",
        ),
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


def heard(leg: str, *, loss: float, jitter: float) -> CallQuality:
    return CallQuality(LegId(leg), heard_by_us=True, loss_percent=loss, jitter_ms=jitter, round_trip_ms=None)


async def test_how_the_last_calls_sound_is_told_as_mean_and_worst(
    redis: Redis, valkey_url: str, tmp_path: Path
) -> None:
    settings = Settings(switch=SwitchKind.ASTERISK, redis_url=valkey_url, state_dir=tmp_path)
    assert (await _sound(settings)).state == "no call has been reported on yet"
    watcher = Reporting(
        redis,
        WatchState.WATCHING,
        heard("a", loss=0, jitter=1),
        heard("b", loss=6, jitter=30),
        heard("c", loss=0, jitter=2),
    )
    rooms: Rooms = watcher  # type: ignore[assignment]
    await _tell_watch(rooms, watcher)  # type: ignore[arg-type]
    found = await _sound(settings)
    assert found.ok
    assert found.state == (
        "last 3 legs: lost 2 % on average, 6 % at worst; jitter 11 ms on average, 30 ms at worst; "
        "worst: contact con_of_b, leg b (citizen's), as the switch hears it: lost 6 %, jitter 30 ms"
    )


async def test_a_leg_that_cannot_be_understood_is_a_finding_with_its_contact_and_the_fix(
    redis: Redis, valkey_url: str, tmp_path: Path
) -> None:
    settings = Settings(switch=SwitchKind.ASTERISK, redis_url=valkey_url, state_dir=tmp_path)
    good = heard("a", loss=0, jitter=1)
    bad = replace(good, heard_by_us=False, loss_percent=2, round_trip_ms=900, side=Side.AGENT)
    watcher = Reporting(redis, WatchState.WATCHING, good, heard("d", loss=9, jitter=80), bad)
    await _tell_watch(watcher, watcher)  # type: ignore[arg-type]
    found = await _sound(settings)
    assert not found.ok
    assert (
        "worst: contact con_of_a, leg a (agent's), as the phone hears it: lost 2 %, jitter 1 ms, round trip 900 ms"
        in (found.state)
    )
    assert "that agent's browser" in found.fix
    assert "last 2 legs" in found.state, "both ends of a leg are one leg"


# --- what is not well is a finding with a fix, never a trace -----------------------------------------------------------


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"DEMO": "true", "SWITCH": "simulator", "STATE_DIR": str(tmp_path / "state")}.items():
        monkeypatch.setenv(f"KC_{name}", value)
    monkeypatch.setenv("KC_WEB_PORT", str(free_port()))


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KC_REDIS_URL", "foo"),
        ("KC_DATABASE_URL", "mysql://x"),
        ("KC_WEB_PORT", "abc"),
        ("KC_PEPPER_FILE", "/nope"),
        ("KC_STATE_DIR", "/proc/x"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    [found] = await examine()
    assert (found.what, found.ok) == ("settings", False)
    assert f"{variable}: " in found.state and found.fix


@pytest.mark.usefixtures("demo")
async def test_stores_that_are_not_there_are_findings_and_the_rest_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KC_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("KC_DATABASE_URL", f"postgresql+psycopg://us@127.0.0.1:{free_port()}/kc")
    found = {one.what: one for one in await examine()}
    assert {"live store", "database"} <= {what for what, one in found.items() if not one.ok and one.fix}
    assert found["disk"].ok and found["configuration"].ok and "web" in found


async def test_a_state_folder_that_cannot_be_made_is_found_outside_the_demo_too(tmp_path: Path) -> None:
    found = await doctor._disk(Settings(state_dir=Path("/proc/x/y")))
    assert not found.ok and "/proc/x/y cannot be made or written" in found.state and "KC_STATE_DIR" in found.fix
    assert (await doctor._disk(Settings(state_dir=tmp_path / "new" / "state"))).what == "disk"
    assert not list(tmp_path.iterdir()), "looking leaves nothing behind"


async def test_a_look_that_breaks_is_a_finding() -> None:
    async def _broken(settings: Settings) -> Finding:
        raise RuntimeError("a secret that no one may see")

    found = await doctor._looked(_broken, Settings())
    assert (found.what, found.ok) == ("broken", False)
    assert "RuntimeError" in found.state and "secret" not in found.state and found.fix


@asynccontextmanager
async def case_systems(status: int) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        if status == 0:
            await asyncio.Event().wait()
        return web.Response(status=status)

    port, made = free_port(), web.Application()
    made.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(made, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/cases"
    finally:
        await runner.cleanup()


async def test_case_systems_at_a_dead_port_are_a_finding_with_a_fix() -> None:
    found = await _cases(Settings(cases_url=f"http://127.0.0.1:{free_port()}"))
    assert not found.ok and "the case systems do not answer" in found.state and "KC_CASES_URL" in found.fix


async def test_case_systems_that_are_silent_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_CASES_SECONDS", 0.2)
    async with case_systems(0) as url:
        found = await _cases(Settings(cases_url=url))
    assert not found.ok and "the case systems do not answer" in found.state


@pytest.mark.parametrize(
    ("status", "ok", "words"),
    [
        # they know no such address: whoever says so is there
        (404, True, "answer"),
        (200, True, "answer"),
        (401, False, "refuse our token"),
        (502, False, "do not answer well"),
    ],
)
async def test_case_systems_that_answer_are_told_from_those_that_do_not(status: int, ok: bool, words: str) -> None:
    async with case_systems(status) as url:
        found = await _cases(Settings(cases_url=url))
    assert found.ok is ok and words in found.state


async def test_an_address_of_case_systems_that_is_none_is_a_finding() -> None:
    assert not (await _cases(Settings(cases_url="foo"))).ok
    assert (await _cases(Settings())).state == "the embedded register"


async def test_it_is_told_when_the_case_systems_last_answered_what_is_new(tmp_path: Path) -> None:
    assert (await _polling(Settings())).ok, "nobody is asked"
    address = f"sqlite+aiosqlite:///{tmp_path}/kc.db"
    settings = Settings(cases_events_poll=True, cases_url="http://127.0.0.1:1/", database_url=address)
    assert not (await _polling(settings)).ok, "there is no database yet"
    database = Database(address)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    assert (await _polling(settings)).state == "asked for, and never answered"
    for minutes, is_well in ((1, True), (10, False)):
        async with database.transaction() as tx:
            await keep_place(tx, "7", now=SystemClock().now() - timedelta(minutes=minutes))
        found = await _polling(settings)
        assert (found.ok, found.state.startswith("last answered at ")) == (is_well, True)
    await database.close()
