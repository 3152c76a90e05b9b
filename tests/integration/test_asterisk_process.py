"""Starting, stopping and losing a real switch."""

import asyncio
import os
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psutil
import pytest

from app.cache_folder import chosen_cache
from telephony.asterisk.configuration import write_configuration
from telephony.asterisk.home import OLDEST_VERSION, home_in_tree, is_new_enough
from telephony.asterisk.install import AsteriskNotAvailableError, find, find_or_fetch
from telephony.asterisk.process import SwitchDidNotStartError, start
from tests.asterisk import free_settings, start_asterisk
from tests.fakes.sip_phone import SipPhone, until


async def test_a_switch_is_ready_when_start_returns_and_gone_when_stop_returns(tmp_path: Path) -> None:
    switch = await start_asterisk(tmp_path)
    settings = switch.settings
    sign_in = {"Authorization": aiohttp.encode_basic_auth(settings.ari_user, settings.ari_password)}
    async with (
        aiohttp.ClientSession(headers=sign_in) as session,
        session.get(f"{switch.ari_url}/ari/channels") as answer,
    ):
        assert answer.status == 200
    await switch.process.stop()
    assert not psutil.pid_exists(switch.process.pid)


async def test_ari_refuses_whoever_does_not_know_the_password(tmp_path: Path) -> None:
    switch = await start_asterisk(tmp_path)
    try:
        async with aiohttp.ClientSession() as session:
            for headers in ({}, {"Authorization": aiohttp.encode_basic_auth("kundcenter", "guess")}):
                async with session.get(f"{switch.ari_url}/ari/channels", headers=headers) as answer:
                    assert answer.status == 401
            async with session.get(f"{switch.ari_url}/static/index.html") as answer:
                assert answer.status == 404
    finally:
        await switch.process.stop()


@pytest.mark.parametrize(("field", "kind"), [("sip_port", socket.SOCK_DGRAM), ("http_port", socket.SOCK_STREAM)])
async def test_a_taken_port_is_named(tmp_path: Path, field: str, kind: int) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SwitchDidNotStartError, match=f"Port {port}, .* is used by another program"):
            await start_asterisk(tmp_path, **{field: port})


async def test_calls_and_their_sound_come_in_at_the_address_that_is_named(tmp_path: Path) -> None:
    switch = await start_asterisk(tmp_path, sip_host="127.0.0.2", trunk_addresses=("127.0.0.3",))
    try:
        async with await SipPhone.open(host="127.0.0.3") as phone:
            call = await phone.call("0771524524", at=("127.0.0.2", switch.settings.sip_port), caller="0701740605")
            await call.answered()
            await call.hears_sound()
            bound = psutil.Process(switch.process.pid).net_connections("udp4")
            await call.hang_up()
        assert {one.laddr.ip for one in bound} == {"127.0.0.2", "0.0.0.0"}  # the last only asks for names
    finally:
        await switch.process.stop()


async def test_an_address_that_this_machine_has_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SwitchDidNotStartError, match=r"192\.0\.2\.1, where SIP comes in, is no address of this machine"
    ):
        await start_asterisk(tmp_path, sip_host="192.0.2.1")  # kept for documentation (RFC 5737)


async def test_a_switch_that_ends_at_once_says_why(tmp_path: Path) -> None:
    home = find_or_fetch(chosen_cache())
    configuration = write_configuration(home, tmp_path, free_settings(tmp_path))
    configuration.main_file.write_text(
        "[directories]\nastrundir => /proc/no\nastmoddir => /proc/no\n", encoding="utf-8"
    )
    with pytest.raises(SwitchDidNotStartError, match="Its log"):
        await start(home, configuration, ready_seconds=5)


async def test_a_switch_can_be_started_again_in_the_same_folder_after_a_power_cut(tmp_path: Path) -> None:
    switch = await start_asterisk(tmp_path)
    first = switch.process.pid
    await switch.restart()
    assert switch.process.is_running
    assert switch.process.pid != first
    await switch.process.stop()


async def test_a_log_that_has_grown_long_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "log" / "messages.log"
    log.parent.mkdir()
    with log.open("wb") as file:
        file.truncate(20_000_001)
    switch = await start_asterisk(tmp_path)
    await switch.process.stop()
    assert log.stat().st_size < 10_000
    assert log.with_name("messages.log.old").stat().st_size == 20_000_001


_PARENT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, ".")
from tests.asterisk import start_asterisk

async def main():
    switch = await start_asterisk(Path(sys.argv[1]))
    print("pid", switch.process.pid, flush=True)
    await switch.process.wait()

asyncio.run(main())
"""


async def test_a_switch_never_outlives_the_process_that_started_it(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    line = b""
    async with asyncio.timeout(30):
        while not line.startswith(b"pid "):
            line = await parent.stdout.readline()
            assert line, "the parent ended"
    pid = int(line.split()[1])
    os.kill(parent.pid, signal.SIGKILL)
    await parent.communicate()
    await until(lambda: not _lives(pid), within=3, what="switch gone with its parent")


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_what_was_fetched_is_new_enough_and_found_again() -> None:
    home = find_or_fetch(chosen_cache())
    assert is_new_enough(home.version)
    assert not is_new_enough(".".join(str(part) for part in (*OLDEST_VERSION[:2], OLDEST_VERSION[2] - 1)))
    began = datetime.now(UTC)
    assert find_or_fetch(chosen_cache()) == home
    assert (datetime.now(UTC) - began).total_seconds() < 2
    assert home_in_tree(Path("/nowhere")) is None


def pretend_tree(cache: Path, version: str) -> None:
    """A tree whose loader only says which Asterisk it would start."""
    tree = cache / f"asterisk-{os.uname().machine}"
    for folder in ("usr/lib/any-linux-gnu/asterisk/modules", "usr/share/asterisk"):
        (tree / folder).mkdir(parents=True)
    loader = tree / "usr/lib/any-linux-gnu/ld-linux-any.so.1"
    loader.write_text(f"#!/bin/sh\necho 'Asterisk {version}+dfsg'\n", encoding="utf-8")
    loader.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "good"), [("22.10.1", True), ("23.1.0", True), ("22.10.0", False), ("20.15", False)]
)
def test_what_was_fetched_once_but_is_too_old_by_now_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, good: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    pretend_tree(tmp_path, version)
    assert (find(tmp_path) is not None) is good


def test_a_machine_that_cannot_fetch_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AsteriskNotAvailableError, match="SWITCH=simulator.*Install Asterisk yourself"):
        find_or_fetch(tmp_path)
