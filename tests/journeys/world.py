"""Everybody in a story: citizens who ring, agents at their desks, and what is true when they have all gone home."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Browser
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.system import new_id
from storage.redis import blocking
from telephony.simulator.remote import INPUT
from tests.builders.browser import chromium
from tests.fakes.sip_phone import SipPhone
from tests.journeys.agents import Agent, ApiAgent, BrowserAgent, PlainPhoneAgent
from tests.journeys.callers import Caller, OwnSipCaller, SimulatorCaller, SipCaller
from tests.journeys.rung_people import RungPerson, SimulatorRungPerson, SippRungPerson, SipRungPerson, greeting
from tests.running import System, eventually
from tests.sipp import telephone
from tests.sipp.rung_telephone import SippRungPhone


class World:
    """People around one running system. Use as an async context manager."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.has_sound = system.kind == "asterisk"
        self._stack = AsyncExitStack()
        self._callers: dict[int, Caller] = {}
        self._agents: dict[str, Agent] = {}
        self._rung: list[SimulatorRungPerson] = []
        self._browser: Browser | None = None
        self._expected: set[str] = set()
        self._expected_within: set[str] = set()
        self._errors_before = self._all_errors()

    async def __aenter__(self) -> Self:
        self.redis: Redis = blocking(self.system.redis_url)
        self._stack.push_async_callback(self.redis.aclose)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            for someone in (*self._agents.values(), *self._callers.values()):
                await someone.leave()
        finally:
            await self._stack.aclose()

    def caller(self, number: int = 0) -> Caller:
        """Return the citizen with this telephone, 0 to 7."""
        if number not in self._callers:
            self._callers[number] = self._telephone()(self.system, self.redis, number)
        return self._callers[number]

    def _telephone(self) -> type[Caller]:
        if not self.has_sound:
            return SimulatorCaller
        return SipCaller if telephone.can_be_had() else OwnSipCaller

    def uses(self, *keyed: str) -> None:
        """Remember digits that somebody keys in elsewhere: no trace of them may be left behind."""
        self.system.secrets_keyed.update(keyed)

    def callers(self, how_many: int) -> list[Caller]:
        return [self.caller(number) for number in range(how_many)]

    async def agent(self, name: str) -> Agent:
        """Return the agent of this name, logged in and ready."""
        if name not in self._agents:
            self._agents[name] = await self._new_agent(name)
        agent = self._agents[name]
        await agent.log_in()
        await agent.ready()
        return agent

    async def agent_comes_back(self, name: str) -> Agent:
        """Let an agent close the page and open it again: a softphone whose switch is new registers there at once."""
        await self._agents[name].leave()
        return await self.agent(name)

    async def agent_in_the_browser(self, name: str) -> BrowserAgent:
        """Return the agent of this name at the desk's page, logged in and ready, also where there is no sound."""
        agent = self._agents.get(name)
        if not isinstance(agent, BrowserAgent):
            agent = self._agents[name] = await self._new_browser_agent(name)
        await agent.log_in()
        await agent.ready()
        return agent

    async def agent_with_a_plain_telephone(self, name: str) -> tuple[Agent, SipPhone]:
        """Return the agent of this name, logged in and ready, and the telephone that rings there until it is taken."""
        phone = await self._stack.enter_async_context(await SipPhone.open())
        agent = self._agents[name] = PlainPhoneAgent(self.system, name, phone)
        await agent.log_in()
        await agent.ready()
        return agent, phone

    async def somebody_at(self, number: str) -> RungPerson:
        """Return the citizen at this number (E.164), whom we can ring."""
        if self.has_sound and telephone.can_be_had():
            folder = self.system.state.parent / f"rung-{new_id('phone')}"
            rung = SippRungPhone(folder, port=self.system.trunk_port, greeting=await greeting())
            return SippRungPerson(await self._stack.enter_async_context(rung))
        if self.has_sound:
            phone = await self._stack.enter_async_context(await SipPhone.open(port=self.system.trunk_port))
            return SipRungPerson(phone)
        person = SimulatorRungPerson(self.redis, number)
        self._stack.push_async_callback(person.unplug)
        await person.plug_in()
        self._rung.append(person)
        return person

    async def comes_to_rest(self) -> None:
        """Let everybody hang up and go home, and wait until each contact has its outcome."""
        try:
            await self._all_go_home()
        except BaseException as error:
            error.add_note(await self._what_is_left())
            await self._are_sent_home()
            raise

    async def _what_is_left(self) -> str:
        """Tell what the books and the live store still have of this story, and what was logged about it."""
        left = {one["contact"] for one in (*self.open_contacts(), *self.routed())}
        told = [
            f"{table}: {row}"
            for table in ("contacts", "routed_contacts", "offers", "callbacks", "callback_attempts")
            for row in self.system.rows(f"SELECT * FROM {table}")
            if left & set(map(str, row.values()))
        ]
        with contextlib.suppress(RedisError):
            for key in [*(f"kc:contact:{one}" for one in left), *(f"kc:agent:{name}" for name in self._agents)]:
                told.append(f"{key}: {await self.redis.hgetall(key)}")
        lines = [str(line) for line in self.system.log_lines() if left & set(map(str, line.values()))]
        return "\n".join([*told, *lines[-40:]])

    async def _all_go_home(self) -> None:
        for caller in self._callers.values():
            await caller.leave()
        for agent in self._agents.values():
            await agent.leave()
        await eventually(lambda: not self.open_contacts(), within=10, what="no contact is open")
        await self.system.lets_go_of_promises()
        await eventually(lambda: not self.routed(), within=15, what="nobody is in the line, or with an agent")
        await self._pages_have_put_down()

    async def _are_sent_home(self) -> None:
        """End what a story has left behind that went wrong: the next one on this system must not suffer for it."""
        for someone in (*self._callers.values(), *self._agents.values()):
            with contextlib.suppress(Exception):
                await someone.leave()
        for citizen in self._rung:
            await citizen.hang_up()
        await self.system.hangs_everybody_up()
        await self.system.lets_go_of_promises()
        with contextlib.suppress(TimeoutError):
            await eventually(lambda: not self.open_contacts() and not self.routed(), within=10, what="all have gone")

    async def _pages_have_put_down(self) -> None:
        """A page that was closed gives its telephone back, and hangs up what rings from that number, seconds later."""

        async def taken() -> bool:
            return bool(await self.redis.keys("kc:phone_lease:*"))

        async def free() -> bool:
            return not await taken()

        if await taken():
            await eventually(free, within=20, what="every page has given its telephone back")
            await asyncio.sleep(0.8)  # and has hung up, which nothing tells

    def open_contacts(self) -> list[dict[str, Any]]:
        return self.system.rows("SELECT contact, state FROM contacts WHERE outcome IS NULL")

    def routed(self) -> list[dict[str, Any]]:
        return self.system.rows("SELECT contact, state FROM routed_contacts")

    async def controller_is_killed(self, *, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        """Kill the process that drives the switch, and wait until the one in its place is connected."""
        connections = self._connections()
        self.system.kill("switch")
        if meanwhile is not None:
            await meanwhile()
        await eventually(lambda: self._connections() > connections, within=40, what="a new controller is connected")

    async def switch_is_killed(self) -> None:
        """Kill the real switch with everything on it, and wait until ours is connected to the one in its place."""
        connections = self._connections()
        self._expected.add("the switch ended and is started again")
        self.system.kill_asterisk()
        await eventually(lambda: self._connections() > connections, within=40, what="the switch is back")

    def live_store_has_written(self) -> int:
        """Return how many bytes the file of the live store has."""
        return self._live_store_file().stat().st_size

    async def live_store_is_killed(self, *, with_only: int) -> None:
        """Kill the live store as a power cut would, so that its file has only its first bytes; whoever keeps it up starts another."""
        killed = await self._live_store_pid()
        assert killed is not None
        self._expected.add("the live store ended and is started again")
        self._expected_within.add(
            "could not connect to Redis instance"
        )  # RQ's own words, between a worker's name and an address
        os.kill(killed, signal.SIGSTOP)  # it writes nothing more, and nobody has begun to read
        assert with_only < self.live_store_has_written()
        os.truncate(self._live_store_file(), with_only)
        os.kill(killed, signal.SIGKILL)

        async def is_another() -> bool:
            return await self._live_store_pid() not in (None, killed)

        await eventually(is_another, within=30, what="the live store is started again")
        await eventually(self.switch_listens, within=20, what="the switch hears its telephones again")

    async def _live_store_pid(self) -> int | None:
        with contextlib.suppress(RedisError):
            return int((await self.redis.info("server"))["process_id"])
        return None

    def _live_store_file(self) -> Path:
        files = (self.system.state / "live" / "appendonlydir").glob("*.incr.aof")
        return max(files, key=lambda file: file.stat().st_mtime_ns)

    async def switch_listens(self) -> bool:
        """Tell whether the simulated exchange hears what people do with their telephones."""
        with contextlib.suppress(RedisError):
            return any(number for _, number in await self.redis.pubsub_numsub(INPUT))
        return False

    async def live_store_answers(self) -> bool:
        with contextlib.suppress(RedisError):
            return bool(await self.redis.ping())
        return False

    def errors(self) -> list[dict[str, Any]]:
        """Return what our processes have logged as errors since the story began, without what it brought about itself."""
        new = [one for one in self._all_errors() if one not in self._errors_before]
        unexpected = [one for one in new if one.get("event") not in self._expected]
        return [one for one in unexpected if not any(words in str(one.get("event")) for words in self._expected_within)]

    def _all_errors(self) -> list[dict[str, Any]]:
        lines = [*self.system.log_lines(), *self.system.said_by_itself()]
        return [line for line in lines if line.get("level") in ("error", "critical")]

    def _connections(self) -> int:
        return sum(line.get("event") == "the switch is connected" for line in self.system.log_lines("switch"))

    async def _new_agent(self, name: str) -> Agent:
        return await self._new_browser_agent(name) if self.has_sound else ApiAgent(self.system, name)

    async def _new_browser_agent(self, name: str) -> BrowserAgent:
        if self._browser is None:
            self._browser = await self._stack.enter_async_context(chromium())
        return BrowserAgent(self.system, name, self._browser)
