"""A process is killed at every step of a promise to ring back: the promise is kept all the same, and nobody rung twice."""

import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.configuration import Configuration
from app.last_good import configuration_to_start_with
from app.safety import complete
from app.settings import Settings, SwitchKind
from callbacks.attempt_store import callback_attempts as attempts
from callbacks.model import CallbackState
from callbacks.store import callbacks
from core.ids import AgentId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from skills_routing.model import AgentState
from storage.database import Database
from storage.schema import metadata
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import Sound, SoundKind
from telephony.simulator.virtual_time import VirtualTime
from tests.builders.mortal_process import MortalProcess, _numbers
from tests.fixtures_storage import fresh_postgresql

ROOT = Path(__file__).parents[3]
ASA, NUMBER, CONTACT = AgentId("asa"), "+46701740650", ContactId("con_1")
CONNECT_ME = "så kopplar vi dig"
MOST_SECONDS, MOST_LIVES = 90, 4
SOME_FROM, SOME_EVERY = 3, 5
"""Which steps are tried on PostgreSQL: before a commit as often as after one."""

A_WEEKDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Ended:
    """How a promise went in whose life a process was killed."""

    at: str
    state: str
    rung: int
    attempts: list[str]
    seconds: int
    lives: int
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        how = f"{self.state}, rung {self.rung}, {self.seconds} s, {self.lives} processes"
        return f"{self.at:75} {how}" + "".join(f"\n    !! {fault}" for fault in self.faults)


class Story:
    """One citizen whom Åsa is to ring back, and a process that dies at the given step."""

    def __init__(
        self, folder: Path, redis: Redis, url: str, configuration: Configuration, database_url: str = ""
    ) -> None:
        self.settings = settings_in(folder, redis_url=url, database_url=database_url)
        self.configuration = configuration
        self.redis = redis
        self.time = VirtualTime(A_WEEKDAY)
        self.heard: list[tuple[str, Sound]] = []
        self.switch = LineSimulator(
            clock=self.time,
            new_id=_numbers,
            timers=self.time,
            on_sound=lambda who, what: self.heard.append((who, what)),
        )
        self.agent, self.citizen = self.switch.phone("agent-asa"), self.switch.phone(NUMBER)
        self.faults: list[str] = []
        self.state, self.tried, self.is_free = "none", list[str](), False

    async def begin(self) -> None:
        database = Database(self.settings.sql_url)
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await database.close()

    async def tell(self, kill_at: int | None) -> Ended:
        """Let the promise be made, come due and be kept, through the death of a process; return how it went."""
        process, lives, seconds, last = await self._new_life(kill_at), 1, 0, ""
        for second in range(MOST_SECONDS):
            seconds = second
            if not await self._second(process):
                last = process.steps.killed_at
                await process.end()
                self.time.advance(1)  # nobody starts anew at once
                process, lives = await self._new_life(None), lives + 1
            elif self._is_over():
                break
        await process.runs(lambda: self._look(process))
        await process.end()
        self._look_at_both_ends()
        return Ended(last or "nothing", self.state, self._rung(), self.tried, seconds, lives, self.faults)

    async def _second(self, process: MortalProcess) -> bool:
        """Let a second pass, and tell whether the process still lives."""
        alive = await process.runs(lambda: self._citizen_asks(process)) and await process.second(ASA)
        return alive and await process.runs(lambda: self._people_act(process), lambda: self._look(process))

    async def _new_life(self, kill_at: int | None) -> MortalProcess:
        process = MortalProcess(
            self.settings, self.time, self.switch, configuration=self.configuration, kill_at=kill_at
        )
        await process.start()
        return process

    # --- what people do -----------------------------------------------------------------------------------------------

    async def _citizen_asks(self, process: MortalProcess) -> None:
        """Ask to be rung back and hang up; somebody who has not heard the promise asks again (I-14)."""
        rooms = process.rooms
        async with rooms.database.reading() as tx:
            known = await rooms.contacts.find(tx, CONTACT)
        if known is None:
            async with rooms.database.transaction() as tx:
                await rooms.contacts.open(tx, contact=CONTACT, caller=NUMBER)
                await rooms.contacts.wants_callback(tx, CONTACT, PhoneNumber(NUMBER))
        if known is None or known.callback is None:
            await rooms.callbacks.on_callback_requested(
                contact=CONTACT, leg=None, queue="sjuk", language=Language.SWEDISH, reason="ivr"
            )
        if known is None or known.is_open:
            async with rooms.database.transaction() as tx:
                await rooms.contacts.close(tx, CONTACT)

    async def _people_act(self, process: MortalProcess) -> None:
        self._telephones_act()
        routing = process.rooms.routing
        desk = await routing.desk(ASA)
        if desk.state in (AgentState.NOT_READY, AgentState.LOGGED_OFF):
            await routing.set_state(ASA, state=AgentState.READY)
        elif desk.state is AgentState.WRAP_UP and desk.wrap_up:
            await routing.wrap_up(ASA, contact=desk.wrap_up, code="finished")

    def _telephones_act(self) -> None:
        self.agent.answer()
        self.citizen.answer()
        if self.citizen.hears is not SoundKind.CONNECTED and any(
            CONNECT_ME in text for text in self.citizen.heard[-6:]
        ):
            self.citizen.press("1")
        if self.citizen.connected_to is not None and self._talked_for >= 2:
            self.citizen.hang_up()

    @property
    def _talked_for(self) -> int:
        return 2 if any(who == NUMBER and what.kind is SoundKind.CONNECTED for who, what in self.heard) else 0

    # --- what must be true --------------------------------------------------------------------------------------------

    async def _look(self, process: MortalProcess) -> None:
        """Read the books and the desk."""
        async with process.rooms.database.reading() as tx:
            rows = (await tx.execute(select(callbacks.c.state))).all()
            tried = (await tx.execute(select(attempts.c.state).order_by(attempts.c.number))).all()
        if len(rows) > 1:
            self.faults.append(f"{len(rows)} promises")
        self.state, self.tried = (str(rows[0].state) if rows else "none"), [str(row.state) for row in tried]
        self.is_free = (await process.rooms.routing.desk(ASA)).state is AgentState.READY

    def _is_over(self) -> bool:
        return self.state == CallbackState.KEPT and self.is_free and not self.citizen.in_call

    def _rung(self) -> int:
        return sum(who == NUMBER and what.kind is SoundKind.RINGING for who, what in self.heard)

    def _look_at_both_ends(self) -> None:
        for name, phone in (("the citizen's", self.citizen), ("the agent's", self.agent)):
            if phone.in_call:
                self.faults.append(f"{name} telephone is still in a call, and hears {phone.hears}")


def settings_in(
    folder: Path, *, redis_url: str = "", database_url: str = "", config_dir: Path = ROOT / "config"
) -> Settings:
    return complete(
        Settings(
            demo=True, switch=SwitchKind.SIMULATOR, state_dir=folder / "state", config_dir=config_dir,
            redis_url=redis_url, database_url=database_url,
        )
    )  # fmt: skip


def configured_to(folder: Path, dial: str) -> Configuration:
    """Return what we ship, with promises kept in this way: read once for all lives, since nobody edits it meanwhile."""
    shutil.copytree(ROOT / "config", folder / "config")
    kept = folder / "config" / "callbacks.yaml"
    kept.write_text(re.sub(r"dial: \w+", f"dial: {dial}", kept.read_text("utf-8")), "utf-8")
    return configuration_to_start_with(settings_in(folder, config_dir=folder / "config"))


@pytest.fixture
async def new_story(
    tmp_path: Path, redis: Redis, valkey_url: str
) -> AsyncIterator[Callable[[int, Configuration], Any]]:
    async def make(number: int, configuration: Configuration) -> Story:
        await redis.flushall()
        story = Story(tmp_path / str(number), redis, valkey_url, configuration)
        await story.begin()
        return story

    yield make


@pytest.mark.thorough
@pytest.mark.parametrize("dial", ["agent_first", "citizen_first"])
async def test_on_postgresql_it_is_so_at_some_of_these_steps_too(
    tmp_path: Path, redis: Redis, valkey_url: str, postgresql_url: str, dial: str
) -> None:
    table, configuration = list[Ended](), configured_to(tmp_path, dial)
    for step in range(SOME_FROM, 1000, SOME_EVERY):
        await redis.flushall()
        url = await fresh_postgresql(postgresql_url)
        story = Story(tmp_path / str(step), redis, valkey_url, configuration, url)
        await story.begin()
        table.append(await story.tell(step))
        if table[-1].at == "nothing":
            break
    assert len(table) > 4, "there are more steps than that"
    assert [str(row) for row in table if row.faults or row.rung != 1 or row.state != CallbackState.KEPT] == []


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize("dial", ["agent_first", "citizen_first"])
async def test_whatever_step_a_process_dies_at_the_promise_is_kept_and_the_citizen_is_rung_once_at_a_time(
    new_story: Callable[[int, Configuration], Any],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    dial: str,
) -> None:
    table, configuration = list[Ended](), configured_to(tmp_path, dial)
    for step in range(1000):
        ended = await (await new_story(step, configuration)).tell(step)
        table.append(ended)
        if ended.at == "nothing":
            break
    record_property("table", f"Killed, {dial} …" + "".join(f"\n  {row}" for row in table))
    assert len(table) > 20, "there are more steps than that"
    assert [str(row) for row in table if row.faults or row.rung != 1 or row.state != CallbackState.KEPT] == []
