"""Callers who hold, who are rung back, who are not there when we ring, who give up or change their mind, all in one line:
nobody is passed by an equal, nobody's place is moved by somebody else's promise, and everybody comes to an agent.
"""

import random
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.last_good import configuration_to_start_with
from callbacks.store import callbacks
from core.ids import AgentId, CallbackId
from skills_routing.model import AgentState
from storage.database import Database
from storage.schema import metadata
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, SoundKind
from telephony.simulator.virtual_time import VirtualTime
from tests.builders.mortal_process import MortalProcess, _numbers
from tests.integration.app.test_crash_points import ROOT, settings_in
from tests.running import NATIONAL

A_WEEKDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AGENTS = tuple(AgentId(name) for name in ("asa", "bo", "carin"))
ARRIVALS, MANY, MOST_SECONDS = 60, 30, 700
"""So many citizens ring in so many seconds; after so many more everything must be over."""

MOVES = {
    "Vill du tala med oss? Tryck": "4", "Vad gäller det?": "2", "Ska vi ringa när det är din tur? Tryck": "1",
    "Ska vi ringa det numret? Tryck": "1", "så kopplar vi dig": "1",
}  # fmt: skip
"""What citizens press when they hear this."""


@dataclass
class Citizen:
    """Somebody with a telephone, and how they are."""

    phone: SimulatedPhone
    rings_at: int
    wants_a_promise: bool
    patience: int
    """For so many seconds they wait; then they hang up, and ring again at once or not."""
    rings_again: bool
    is_away: int
    """So many times they do not answer when they are rung."""
    lets_go: bool
    """Whether they cancel their promise after some time."""
    asked: bool = False
    waited: int = 0
    talked: int = 0
    was_helped: bool = False
    gave_up: bool = False
    seen: int = 0


class Day:
    """A line with three agents who are equals, and everybody who comes to it."""

    def __init__(self, process: MortalProcess, switch: LineSimulator, redis: Redis, chance: random.Random) -> None:
        self.process, self.switch, self.redis, self.chance = process, switch, redis, chance
        self.agents = {agent: switch.phone(f"agent-{agent}") for agent in AGENTS}
        self.citizens = [self._citizen(number) for number in range(MANY)]
        self.second = 0
        self.order: dict[str, float] = {}
        """By contact: under which rank it stands in the line."""
        self.offered: dict[AgentId, str] = {}
        self.faults: list[str] = []
        self.offers = self.promises_in_line = 0

    def _citizen(self, number: int) -> Citizen:
        chance = self.chance
        return Citizen(
            phone=self.switch.phone(f"+467017406{number + 10:02}"), rings_at=1 + chance.randrange(ARRIVALS),
            wants_a_promise=chance.random() < 0.45, patience=chance.choice([20, 60, 10_000, 10_000, 10_000]),
            rings_again=chance.random() < 0.5, is_away=chance.choice([0, 0, 0, 1, 2]), lets_go=chance.random() < 0.25,
        )  # fmt: skip

    async def pass_second(self) -> None:
        """Let everybody act, then the system, and look what came of it."""
        self.second += 1
        for citizen in self.citizens:
            self._act(citizen)
        before, standing = dict(self.order), await self._promised()
        await self.process.runs(self._agents_act, self._some_let_go)
        assert await self.process.second(*AGENTS)
        await self.process.runs(lambda: self._look(before, standing))

    def is_over(self) -> bool:
        everybody_rang = self.second > max(citizen.rings_at for citizen in self.citizens)
        return everybody_rang and not self.order and not any(citizen.phone.in_call for citizen in self.citizens)

    # --- what people do -----------------------------------------------------------------------------------------------

    def _act(self, citizen: Citizen) -> None:
        phone = citizen.phone
        if citizen.rings_at == self.second and not phone.in_call:
            self.switch.call(NATIONAL, caller=phone.number)
        elif phone.hears is SoundKind.RINGING and citizen.is_away > 0:
            citizen.is_away -= 1
            phone.reject()
        elif phone.hears is SoundKind.RINGING:
            phone.answer()
        elif phone.in_call:
            self._listen(citizen)

    def _listen(self, citizen: Citizen) -> None:
        phone = citizen.phone
        said, citizen.seen = [one.text for one in phone.sounds[citizen.seen :]], len(phone.sounds)
        keys = [key for text in said for words, key in MOVES.items() if words in text]
        if phone.hears is SoundKind.CONNECTED:
            citizen.talked, citizen.was_helped = citizen.talked + 1, True
            if citizen.talked > 15:
                citizen.talked = 0
                phone.hang_up()
        elif phone.hears is SoundKind.MUSIC:
            self._wait(citizen)
        elif any("Vi ringer upp dig." in text for text in said):
            phone.hang_up()
        elif keys:
            phone.press(keys[-1])

    def _wait(self, citizen: Citizen) -> None:
        citizen.waited += 1
        if citizen.wants_a_promise and not citizen.asked and citizen.waited > 5:
            citizen.asked = True
            citizen.phone.press("1")
        elif citizen.waited > citizen.patience:
            citizen.patience, citizen.waited = 10_000, 0
            citizen.phone.hang_up()
            citizen.gave_up = not citizen.rings_again
            if citizen.rings_again:
                citizen.rings_at = self.second + 10

    async def _agents_act(self) -> None:
        for agent, phone in self.agents.items():
            phone.answer()
            desk = await self.process.rooms.routing.desk(agent)
            if desk.state in (AgentState.NOT_READY, AgentState.LOGGED_OFF):
                await self.process.rooms.routing.set_state(agent, state=AgentState.READY)
            elif desk.state is AgentState.WRAP_UP and desk.wrap_up:
                await self.process.rooms.routing.wrap_up(agent, contact=desk.wrap_up, code="finished")

    async def _some_let_go(self) -> None:
        room = self.process.rooms.callbacks
        for citizen in self.citizens:
            if citizen.lets_go and citizen.asked and not citizen.phone.in_call:
                for one in await self._promises(citizen):
                    citizen.lets_go, citizen.gave_up = False, True
                    await room.cancel(one, by="citizen")

    async def _promises(self, citizen: Citizen) -> list[CallbackId]:
        is_theirs = (callbacks.c.number == citizen.phone.number) & callbacks.c.state.in_(("waiting", "in_line"))
        async with self.process.rooms.database.reading() as tx:
            return [CallbackId(row.callback) for row in await tx.execute(select(callbacks).where(is_theirs))]

    # --- what must be true --------------------------------------------------------------------------------------------

    async def _promised(self) -> dict[str, float]:
        """Return under which rank each promise was made that waits for its turn in the line."""
        async with self.process.rooms.database.reading() as tx:
            rows = await tx.execute(select(callbacks).where(callbacks.c.state.in_(("waiting", "in_line"))))
            return {row.contact: row.first_requested_at.timestamp() * 1000 for row in rows}

    async def _look(self, before: dict[str, float], standing: dict[str, float]) -> None:
        places: Any = await self.redis.zrange("kc:order:sjuk", 0, -1, withscores=True)
        order = {str(contact): float(rank) for contact, rank in places}
        for contact, rank in order.items():
            if contact in before and before[contact] != rank:
                self.faults.append(f"{self.second} s: {contact} was moved from {before[contact]} to {rank}")
            self.promises_in_line += contact in standing
            if contact in standing and abs(standing[contact] - rank) > 1:
                self.faults.append(f"{self.second} s: {contact} stands at {rank}, and was promised {standing[contact]}")
        for agent in AGENTS:
            desk = await self.process.rooms.routing.desk(agent)
            contact = desk.offer.contact if desk.offer else ""
            if contact and contact != self.offered.get(agent):
                self._look_who_was_passed(agent, contact, before, order)
            self.offered[agent] = contact
        self.order = order

    def _look_who_was_passed(
        self, agent: AgentId, contact: str, before: dict[str, float], after: dict[str, float]
    ) -> None:
        self.offers += 1
        rank = after.get(contact, before.get(contact, 0.0))
        offered_now = {one for one in self.offered.values() if one} | {contact}
        passed = [name for name, other in before.items() if other < rank and name in after and name not in offered_now]
        if passed:
            self.faults.append(f"{self.second} s: {agent} was offered {contact} ({rank}) before {passed}")


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [1, 2])
async def test_nobody_is_passed_moved_or_forgotten_whoever_else_is_promised_what(
    tmp_path: Path, redis: Redis, valkey_url: str, seed: int
) -> None:
    await redis.flushall()
    shutil.copytree(ROOT / "config", tmp_path / "config")
    _let(
        tmp_path / "config" / "callbacks.yaml",
        r"minutes_between: 30, after_busy_minutes: 30",
        "minutes_between: 1, after_busy_minutes: 1",
    )
    _let(tmp_path / "config" / "demo" / "agents.yaml", r"(?s)agents:.*", _EQUALS)
    settings = settings_in(tmp_path, redis_url=valkey_url, config_dir=tmp_path / "config")
    database = Database(settings.sql_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await database.close()
    time = VirtualTime(A_WEEKDAY)
    switch = LineSimulator(clock=time, new_id=_numbers, timers=time, seconds_per_character=0.002)
    process = MortalProcess(settings, time, switch, configuration=configuration_to_start_with(settings), kill_at=None)
    await process.start()
    try:
        day = Day(process, switch, redis, random.Random(seed))
        while not (day.is_over() and not await day._promised()):
            await day.pass_second()
            assert day.second < MOST_SECONDS, [
                (c.phone.number, c.phone.hears, c.phone.heard[-3:]) for c in day.citizens if c.phone.in_call
            ]
        async with process.rooms.database.reading() as tx:
            ends = {row.state for row in await tx.execute(select(callbacks))}
    finally:
        await process.end()
    assert day.faults == []
    assert day.offers > MANY // 2 and day.promises_in_line > MANY and {"kept", "cancelled"} <= ends, (
        "too little happened"
    )
    assert [citizen for citizen in day.citizens if not (citizen.was_helped or citizen.gave_up)] == []


def _let(file: Path, what: str, be: str) -> None:
    read = file.read_text("utf-8")
    assert re.search(what, read)
    file.write_text(re.sub(what, be, read), "utf-8")


_EQUALS = "agents:\n  - {id: disa, name: Disa, site: norr, supervisor: true, skills: {}}\n" + "".join(
    f"  - {{id: {agent}, name: {agent.title()}, site: norr, skills: {{sjuk: 3, svenska: 5}}}}\n" for agent in AGENTS
)
