"""What the supervisor keeps up by itself."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from redis import Redis

from app.settings import Settings, SwitchKind
from app.supervisor import PortTakenError, _live_store, run
from storage.redis import EmbeddedStore
from tests.running import eventually


async def test_a_live_store_that_is_killed_comes_back_with_what_it_held(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "live")
    async with _live_store(Settings(state_dir=tmp_path)):
        with Redis(unix_socket_path=str(store.socket), decode_responses=True) as client:
            client.set("kept", "yes")
            client.config_set("appendfsync", "always")
            client.set("and", "this")
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        await eventually(store.is_gone, within=5, what="the store is gone")
        await eventually(store.is_alive, within=5, what="the store is back")
        with Redis(unix_socket_path=str(store.socket), decode_responses=True) as client:
            assert client.mget("kept", "and") == ["yes", "this"]


async def test_a_live_store_that_only_stands_still_is_left_alone(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "live")
    async with _live_store(Settings(state_dir=tmp_path)):
        with Redis(unix_socket_path=str(store.socket)) as client:
            process = client.info("server")["process_id"]
        os.kill(process, signal.SIGSTOP)
        try:
            assert not await asyncio.to_thread(store.is_alive)
            assert not store.is_gone()
        finally:
            os.kill(process, signal.SIGCONT)


async def test_a_port_of_the_pages_that_somebody_else_has_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = Settings(state_dir=tmp_path, web_port=other.getsockname()[1], switch=SwitchKind.SIMULATOR)
        with pytest.raises(PortTakenError, match=r"Port \d+, which the pages need, is used by another program"):
            await run(settings, print)
    assert not (tmp_path / "live").exists()
