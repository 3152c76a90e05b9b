"""Files are changed while the product runs: taken up as a whole or not at all, by every process, with callers waiting."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from redis.asyncio import Redis

from app import doctor
from app.last_good import configuration_to_start_with
from app.metrics import merged
from app.reloading import Reloader, in_use_everywhere
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.system import SystemClock, new_id
from app.wiring import Rooms, rooms_of
from callbacks.errors import NumberNotAllowedError
from core.errors import ConfigurationError
from core.ids import ContactId, LegId
from core.language import Language
from ivr.notices import Place
from skills_routing.explain.explaining import Explanation
from skills_routing.model import AgentState
from storage.redis import LiveStoreUnavailableError
from storage.schema import metadata
from telephony.simulator.line_simulator import LineSimulator
from tests.integration.skills_routing.world import BO, until

ROOT = Path(__file__).parents[3]


class Process:
    """One process of ours with its own eyes on the folder."""

    def __init__(self, rooms: Rooms, *, name: str, steers: bool = False) -> None:
        rooms.process_id = name
        self.rooms = rooms
        self.synced = 0
        self.reloader = Reloader(rooms, prepare=[self._lines], follow=[self._agents] if steers else [])

    async def look(self) -> None:
        """Look twice, as it does a second apart."""
        await self.reloader.look()
        await self.reloader.look()

    async def _lines(self, new: Any) -> None:
        await self.rooms.routing.prepare(new.routing)

    async def _agents(self, new: Any) -> None:
        self.synced += 1
        await self.rooms.routing.sync_agents(new.agents)


class Site:
    """A folder that an operator edits, and processes that go by it."""

    def __init__(self, folder: Path, settings: Settings, stack: AsyncExitStack) -> None:
        self.config = folder / "config"
        self.settings = settings
        self._stack = stack

    async def process(self, name: str, *, steers: bool = False) -> Process:
        switch = LineSimulator(clock=SystemClock(), new_id=new_id) if steers else None
        rooms = await self._stack.enter_async_context(rooms_of(self.settings, switch=switch))
        if steers:
            async with rooms.database.engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
            await rooms.routing.start()
            await rooms.routing.sync_agents(rooms.configuration.agents)
        process = Process(rooms, name=name, steers=steers)
        await process.look()
        return process

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        path = self.config / name
        before = path.read_text("utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, "utf-8")


@pytest.fixture
async def site(tmp_path: Path, redis: Redis, valkey_url: str) -> AsyncIterator[Site]:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    settings = Settings(
        demo=True, switch=SwitchKind.SIMULATOR, state_dir=tmp_path / "state", config_dir=tmp_path / "config",
        redis_url=valkey_url,
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        yield Site(tmp_path, complete(settings), stack)


async def waits(rooms: Rooms, queue: str, number: int = 1, waited: float = 0) -> ContactId:
    """A caller waits in a queue."""
    contact, leg = ContactId(f"con_{number}"), LegId(f"leg_{number}")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, leg=leg, caller="+46701740611")
    since = rooms.clock.now() - timedelta(seconds=waited)
    await rooms.routing.enter(contact, leg=leg, queue=queue, language=Language.SWEDISH, waiting_since=since)
    return contact


async def explained(process: Process, contact: ContactId) -> Explanation:
    return await process.rooms.routing.explain(contact)


def another_label(text: str) -> str:
    return text.replace("{sv: Sjuk, en: Illness}", "{sv: Sjukdom, en: Illness}")


def broken(text: str) -> str:
    return text.replace("skill: sjuk,", "skill: sjukk,")


async def test_how_promises_are_kept_is_taken_up_and_numbers_of_ours_stay_ours(site: Site) -> None:
    process = await site.process("web")
    async with process.rooms.database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    before = await process.rooms.callbacks.times(queue="sjuk")
    site.edit("callbacks.yaml", lambda text: text.replace("working_days_ahead: 5", "working_days_ahead: 1"))
    await process.look()
    assert 0 < len(await process.rooms.callbacks.times(queue="sjuk")) < len(before)
    contact = ContactId("con_1")
    async with process.rooms.database.transaction() as tx:
        await process.rooms.contacts.open(tx, contact=contact)
    with pytest.raises(NumberNotAllowedError, match="our_own"):
        await process.rooms.callbacks.by_agent(agent=BO, contact=contact, number="0771524524")


async def test_every_process_takes_up_a_change_by_itself_and_a_waiting_caller_keeps_the_place(site: Site) -> None:
    steering, other = await site.process("switch", steers=True), await site.process("web")
    first = await waits(steering.rooms, "sjuk", 1, waited=60)
    second = await waits(steering.rooms, "sjuk", 2, waited=30)
    before = await steering.rooms.redis.hgetall(f"kc:contact:{second}")
    site.edit("queues.yaml", another_label)
    for process in (steering, other):
        await process.look()
        shown = {one.queue: one for one in await process.rooms.routing.lengths()}
        assert (shown["sjuk"].label["sv"], shown["sjuk"].waiting) == ("Sjukdom", 2)
        assert "Sjukdom" in " ".join((await explained(process, first)).sentences)
    assert steering.reloader.in_use.version == other.reloader.in_use.version
    assert (await explained(steering, second)).place == 2
    assert await steering.rooms.redis.hgetall(f"kc:contact:{second}") == before, "nobody touched the caller"
    assert steering.synced == 1


async def test_a_change_that_cannot_be_used_changes_nothing_and_is_told_of(site: Site) -> None:
    process = await site.process("switch", steers=True)
    used = process.rooms.configuration
    site.edit("wording/sv.yaml", lambda text: text.replace("Hej då!", "Adjö!"))
    site.edit("queues.yaml", broken)
    await process.look()
    assert process.rooms.configuration is used, "not even the file that is right"
    assert process.reloader.in_use.faults == (
        "config/queues.yaml: queue sjuk: requirement: there is no skill 'sjukk' in config/skills.yaml",
    )
    page = merged({"switch": generate_latest(process.rooms.figures.registry).decode()})
    assert 'kc_config_refused{process="switch"} 1.0' in page
    assert f'kc_config_in_use{{process="switch",version="{used.version}"}} 1.0' in page
    site.edit("queues.yaml", lambda text: text.replace("sjukk", "sjuk"))
    await process.look()
    assert not process.reloader.in_use.is_refusing
    assert "Adjö!" in process.rooms.configuration.wordings.texts[Language.SWEDISH]["goodbye"]
    assert "kc_config_refused 0.0" in generate_latest(process.rooms.figures.registry).decode()


async def test_flows_in_which_a_caller_would_be_caught_are_refused_although_they_can_be_read(site: Site) -> None:
    process = await site.process("switch", steers=True)
    site.edit("flows/main.yaml", lambda text: text.replace("next: talk/which", "next: nowhere/at_all"))
    await process.look()
    assert "config/flows/main.yaml: main/menu: " in process.reloader.in_use.faults[0]


async def test_a_folder_in_which_somebody_writes_is_left_alone_until_it_is_quiet(site: Site) -> None:
    process = await site.process("switch", steers=True)
    used = process.rooms.configuration
    site.edit("queues.yaml", another_label)
    await process.reloader.look()
    site.edit("skills.yaml", lambda text: text.replace("label: Sjuk,", "label: Sjukdom,"))
    await process.reloader.look()
    assert process.rooms.configuration is used
    await process.reloader.look()
    assert process.rooms.configuration.routing.skill_label("sjuk") == "Sjukdom"


async def test_a_new_payment_day_a_benefit_and_an_entry_point_count_at_once(site: Site) -> None:
    process = await site.process("switch", steers=True)
    rooms = process.rooms
    site.edit("payment_days.yaml", lambda text: text.replace("- 2027-06-18", "- 2027-06-17"))
    site.edit("benefits.yaml", lambda text: text.replace('sv: "barnbidrag"', 'sv: "barnpeng"'))
    site.edit("opening_hours.yaml", lambda text: text.replace("id: national", "id: rikets"))
    await process.look()
    days = rooms.cases._calendar.next_days("barnbidrag", on=rooms.clock.now().date().replace(year=2027, month=6, day=1))
    assert str(days[0].on) == "2027-06-17"
    assert rooms.cases.catalogue.benefits[0].label["sv"] == "barnpeng"
    assert rooms.configuration.entry_points[0].hours.always_open, "the demo stays open at all hours"
    ways_in = rooms.notices.places(Place.ENTRY_POINT)
    assert ways_in[:2] == ("rikets", "partner")
    assert all(one.startswith("direct-") for one in ways_in[2:]), "the handlers' own numbers"


async def test_agents_are_known_anew_and_a_free_one_is_offered_who_waits(site: Site) -> None:
    process = await site.process("switch", steers=True)
    contact = await waits(process.rooms, "sjuk")
    await process.rooms.routing.set_state(BO, state=AgentState.READY)
    assert (await process.rooms.routing.desk(BO)).offer is None
    site.edit("demo/agents.yaml", lambda text: text.replace("foralder: 4,", "foralder: 4, sjuk: 2,"))
    await process.look()
    offer = (await process.rooms.routing.desk(BO)).offer
    assert offer is not None and offer.contact == contact


def once_away(when: str) -> Callable[[Any], Any]:
    """A step that finds a store away, once."""
    left = [when]

    async def step(_new: Any) -> None:
        if left:
            raise LiveStoreUnavailableError(left.pop())

    return step


async def test_a_change_that_comes_while_a_store_is_away_is_taken_up_when_it_is_back(site: Site) -> None:
    process = await site.process("switch", steers=True)
    reloader = process.reloader
    used = process.rooms.configuration
    reloader._prepare = [once_away("before it counts"), *reloader._prepare]
    reloader._follow = [once_away("after it counts"), *reloader._follow]
    site.edit("demo/agents.yaml", lambda text: text.replace("foralder: 4,", "foralder: 4, sjuk: 2,"))
    await reloader.look()
    with pytest.raises(LiveStoreUnavailableError, match="before"):
        await reloader.look()
    assert process.rooms.configuration is used
    with pytest.raises(LiveStoreUnavailableError, match="after"):
        await reloader.look()
    assert process.rooms.configuration is not used and process.synced == 0
    await reloader.look()
    assert process.synced == 1
    await reloader.look()
    assert process.synced == 1


async def test_a_process_that_starts_while_a_file_is_broken_goes_by_what_was_in_use(site: Site) -> None:
    process = await site.process("switch", steers=True)
    contact = await waits(process.rooms, "sjuk")
    site.edit("queues.yaml", broken)
    await process.look()
    again = await site.process("switch again")
    assert again.rooms.configuration.is_fallback
    assert again.reloader.in_use.is_refusing
    assert "kc_config_refused 1.0" in generate_latest(again.rooms.figures.registry).decode()
    assert (await explained(again, contact)).place == 1
    site.edit("queues.yaml", lambda text: text.replace("sjukk", "sjuk"))
    await again.look()
    assert not again.rooms.configuration.is_fallback
    assert not again.reloader.in_use.is_refusing


async def test_a_first_start_with_a_broken_file_says_everything_that_is_wrong(site: Site) -> None:
    site.edit("queues.yaml", broken)
    site.edit("skills.yaml", lambda text: text.replace("kind: partner", "kind: friend"))
    with pytest.raises(ConfigurationError) as refused:
        configuration_to_start_with(site.settings)
    assert len(refused.value.faults) >= 1


async def test_what_is_kept_to_fall_back_to_holds_no_person(site: Site) -> None:
    await site.process("switch", steers=True)
    [kept] = site.settings.state_dir.glob("configuration-in-use.json*")
    assert kept.stat().st_mode & 0o077 == 0
    names = json.loads(kept.read_text("utf-8"))
    assert "queues.yaml" in names and "demo/persons.yaml" not in names
    assert "19900602" not in kept.read_text("utf-8")


async def test_a_signal_has_it_looked_at_once_and_what_is_in_use_is_known_to_doctor(site: Site) -> None:
    process = await site.process("switch", steers=True)
    running = asyncio.create_task(process.reloader.run())
    try:
        await until(lambda: _known(process))
        site.edit("queues.yaml", another_label)
        signal.raise_signal(signal.SIGHUP)
        await until(lambda: process.rooms.configuration.routing.queue("sjuk").label["sv"] == "Sjukdom", seconds=10)
        await until(lambda: _tells(process), seconds=10)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)


async def _known(process: Process) -> bool:
    return "switch" in await in_use_everywhere(process.rooms.redis)


async def _tells(process: Process) -> bool:
    return (await in_use_everywhere(process.rooms.redis))["switch"].version == process.rooms.configuration.version


async def test_doctor_tells_what_every_process_goes_by_and_why_a_change_is_refused(site: Site) -> None:
    assert (await doctor._in_use(site.settings)).state == "no process runs"
    steering, other = await site.process("switch", steers=True), await site.process("web")
    for process in (steering, other):
        await process.reloader._publish()
    found = await doctor._in_use(site.settings)
    assert found.ok and found.state == f"{steering.rooms.configuration.version} in 2 processes"
    site.edit("queues.yaml", another_label)
    await other.look()
    await other.reloader._publish()
    assert not (await doctor._in_use(site.settings)).ok, "they differ"
    await steering.look()
    site.edit("queues.yaml", broken)
    for process in (steering, other):
        await process.look()
        await process.reloader._publish()
    found = await doctor._in_use(site.settings)
    assert not found.ok and "a change is refused: config/queues.yaml: queue sjuk: requirement" in found.state
