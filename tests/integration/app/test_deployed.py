"""The processes as the units of deploy/systemd start them, each by itself, with the settings of its example: a real call."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import Table, select

from app.cache_folder import chosen_cache
from app.demo import give_codes
from app.health import SWITCH_ALIVE_KEY
from app.safety import complete
from app.settings import Settings
from app.system import new_secret
from app.wiring import Rooms, rooms_of, today
from callbacks.store import callbacks
from contacts.store import contacts
from telephony.asterisk.install import AsteriskNotAvailableError, find_or_fetch
from tests.asterisk import free_port
from tests.fakes.sip_phone import SipCall, SipPhone
from tests.fixtures_storage import fresh_postgresql
from tests.needs import missing
from tests.running import ROOT, copied_configuration, dies_with_us, eventually

UNITS = ROOT / "deploy" / "systemd"
PROCESSES = ("web", "switch", "worker", "sweeper")
SECRETS = ("pepper", "session_secret", "ari_password", "ami_password")
ELSA, ELSAS_CODE = "200001052380", "391758"


class Machine:
    """A machine on which the guide has been followed, but for its folders and ports."""

    def __init__(self, folder: Path, *, database: str, live: str) -> None:
        self.folder = folder
        self._moved = {
            "/var/lib/kundcenter": str(folder / "state"),
            "/var/cache/kundcenter": str(chosen_cache()),
            "/etc/kundcenter": str(folder / "etc"),
        }
        (folder / "etc").mkdir()
        for name in SECRETS:
            (folder / "etc" / name).write_text(new_secret())
        self.sip_port = free_port(socket.SOCK_DGRAM)
        example = (UNITS / "kundcenter.env.example").read_text("utf-8")
        self.settings = {name: self._here(value) for name, value in re.findall(r"(?m)^(KC_\w+)=(.*)$", example)} | {
            "KC_DATABASE_URL": database,
            "KC_REDIS_URL": live,
            "KC_CONFIG_DIR": str(copied_configuration(folder / "config")),
            "KC_CASES_URL": "",  # the register of the demonstration: there is no other here
            "KC_WEB_PORT": str(free_port()),
            "KC_SIP_PORT": str(self.sip_port),
            "KC_ARI_PORT": str(free_port()),
            "KC_AMI_PORT": str(free_port()),
            "KC_RTP_FIRST_PORT": "20000",
            "KC_RTP_LAST_PORT": "31999",
        }

    def _here(self, text: str) -> str:
        for there, here in self._moved.items():
            text = text.replace(there, here)
        return text

    def start(self, unit: str, instance: str = "") -> subprocess.Popen[bytes]:
        """Start what a unit starts, with nothing but what it gives."""
        text = (UNITS / unit).read_text("utf-8")
        [command] = re.findall(r"(?m)^ExecStart=/opt/kundcenter/\.venv/bin/python (.+)$", text)
        assert "\nEnvironmentFile=/etc/kundcenter/kundcenter.env\n" in text
        assert "\nUMask=0077\n" in text

        def prepare() -> None:
            os.umask(0o077)
            dies_with_us()

        with (self.folder / f"{instance or unit}.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, *command.replace("%i", instance).split()], cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, env={"PATH": os.environ["PATH"]} | self.settings, preexec_fn=prepare,
            )  # fmt: skip

    def logged(self) -> str:
        return "\n".join(
            f"{log.name}: {log.read_text('utf-8', 'replace')[-1500:]}" for log in self.folder.glob("*.log")
        )

    def command(self, *words: str) -> Any:
        """Return what a command says, as the guide has it run."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *words, "--json"], cwd=ROOT, capture_output=True, text=True, timeout=60,
            env={"PATH": os.environ["PATH"]} | self.settings, check=False,
        )  # fmt: skip
        return json.loads(done.stdout)

    @asynccontextmanager
    async def running(self, unit: str, *instances: str) -> AsyncIterator[None]:
        processes = [self.start(unit, instance) for instance in instances or [""]]
        try:
            yield
        finally:
            for process in processes:
                process.terminate()
            ended = [process.wait(30) for process in processes]
        assert set(ended) <= {0, -signal.SIGTERM}, self.logged()


@pytest.fixture
async def machine(tmp_path: Path, postgresql_url: str, redis: Redis, valkey_url: str) -> Machine:
    try:
        find_or_fetch(chosen_cache())
    except AsteriskNotAvailableError as error:
        missing(str(error))
    return Machine(tmp_path, database=await fresh_postgresql(postgresql_url, name="kc_deployed"), live=valkey_url)


async def rows(rooms: Rooms, table: Table, **where: str) -> list[Mapping[str, Any]]:
    async with rooms.database.reading() as tx:
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        return list((await tx.execute(query)).mappings())


async def test_a_stranded_caller_is_promised_a_call_and_the_next_hears_when_the_money_comes(
    machine: Machine, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.start("kundcenter-database.service").wait(60) == 0, machine.logged()
    for name, value in machine.settings.items():
        monkeypatch.setenv(name, value)
    at = ("127.0.0.1", machine.sip_port)
    async with AsyncExitStack() as stack:
        rooms = await stack.enter_async_context(rooms_of(complete(Settings())))
        await give_codes(rooms.identity, rooms.configuration.persons, today=today(), folder=machine.folder)
        phone = await stack.enter_async_context(await SipPhone.open())
        await stack.enter_async_context(machine.running("kundcenter-asterisk.service"))
        started = lambda: "switch_started" in machine.logged()  # noqa: E731
        await eventually(started, within=30, what="the switch takes calls")
        stranded = await phone.call("0771524524", at=at, caller="0701740605")
        await stranded.hears_sound()
        await stranded.hang_up()
        await stack.enter_async_context(machine.running("kundcenter@.service", *PROCESSES))
        promised = lambda: rows(rooms, callbacks, number="+46701740605")  # noqa: E731
        [promise] = await eventually(promised, within=30, what="the stranded caller is promised a call")
        assert promise["state"] != "kept"
        await eventually(lambda: redis.exists(SWITCH_ALIVE_KEY), within=30, what="the controller steers the switch")
        call = await phone.call("0771524524", at=at, caller="0701740606")
        await hears_when_the_money_comes(call, redis)
        await call.hang_up()
        over = lambda: rows(rooms, contacts, caller="0701740606", outcome="self_served")  # noqa: E731
        [row] = await eventually(over, within=10, what="the call is in the books")
        assert (row["level"], row["answers"]) == (2, '["payment"]')
        findings = {one["what"]: one for one in machine.command("doctor")}
        for what in ("settings", "database", "live store", "Asterisk", "switch", "watcher", "web"):
            assert findings[what]["ok"], (findings[what], machine.logged())


async def hears_when_the_money_comes(call: SipCall, redis: Redis) -> None:
    for node, keys in (("menu", "1"), ("personnummer", ELSA), ("code", ELSAS_CODE), ("more", "")):
        await eventually(lambda node=node: is_at(redis, node), within=30, what=f"the caller is at {node}")
        await call.hears_sound(within=5)
        call.press(keys)


async def is_at(redis: Redis, node: str) -> bool:
    positions = [json.loads(str(await redis.get(key))) for key in await redis.keys("kc:position:*")]
    return any(str(position["node"]).endswith(f"/{node}") for position in positions)
