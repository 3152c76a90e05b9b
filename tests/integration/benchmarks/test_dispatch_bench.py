"""The benchmark ``dispatch`` measures what it says: the same telephones ring for both, and its late cable is late."""

import asyncio
import time
from pathlib import Path

import pytest

from benchmarks.desks.installation import APP_QUEUE, installed, robots
from benchmarks.desks.late_cable import LateCable
from benchmarks.desks.phones import Citizens, QuietPhone
from benchmarks.dispatch import carry, since_ready
from tests.running import NATIONAL


async def test_the_late_cable_is_late_to_the_switch_and_not_from_it() -> None:
    asked_at: list[float] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        asked_at.append(time.monotonic())
        writer.write(b"answer")
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, LateCable(server.sockets[0].getsockname()[1]) as cable:
        for seconds in (0.0, 0.2):
            cable.seconds = seconds
            reader, writer = await asyncio.open_connection("127.0.0.1", cable.port)
            began = time.monotonic()
            writer.write(b"question")
            assert await reader.read(100) == b"answer"
            assert seconds <= asked_at[-1] - began < seconds + 0.15
            assert time.monotonic() - asked_at[-1] < 0.15
            writer.close()
            await writer.wait_closed()


@pytest.mark.thorough
async def test_both_systems_ring_the_same_agents_again_and_the_desk_is_asked_in_between(tmp_path: Path) -> None:
    agents = await robots(2, talk=(0.3, 0.5))
    async with installed(tmp_path, agents) as here, await QuietPhone.open() as phone:
        citizens = Citizens(phone, at=here.sip, how_many=4)  # type: ignore[arg-type]
        theirs = await carry(here, citizens, APP_QUEUE, 4)
        ours = await carry(here, citizens, NATIONAL, 4)
        ready = await since_ready(here, ours)
        assert await here.system.ledger_faults() == []
    assert citizens.failed == 0
    assert len(theirs) >= 2 and all(one.since_click == one.since_hanging_up and not one.offer for one in theirs)
    assert len({one.offer for one in ours}) == len(ours) >= 4
    for one, since in zip(ours, ready, strict=True):
        assert -0.001 <= since < one.since_click < one.since_hanging_up
