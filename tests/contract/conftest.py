"""One Asterisk for all contract tests, with agents' lines that need no registration."""

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.asterisk import TestSwitch, free_port, start_asterisk
from tests.contract.worlds import AsteriskWorld, SimulatedWorld, World, write_tone

_LINE = """
[{name}](desk)
context = nowhere
aors = {name}
[{name}]
type = aor
{contact}
"""


# A way into our application that is none of ours, as a mistake in a dialplan would be.
_STRAY = """
[entry]
exten => 99,1,Stasis(kundcenter,by,mistake)
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def contract_asterisk(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[TestSwitch, Path, dict[str, int]]]:
    folder = tmp_path_factory.mktemp("contract-asterisk")
    write_tone(folder / "music" / "music.wav", hertz=300, seconds=20)
    names = ("agent-1", "agent-2", "citizen")
    agents = {name: free_port(socket.SOCK_DGRAM) for name in names}
    lines = [_LINE.format(name=name, contact=f"contact = sip:{name}@127.0.0.1:{port}") for name, port in agents.items()]
    switch = await start_asterisk(
        folder / "switch",
        music=folder / "music",
        trunk_contact=f"sip:127.0.0.1:{agents['citizen']}",
        extra_dialplan=_STRAY,
        extra_pjsip="\n".join([*lines, _LINE.format(name="agent-gone", contact="")]),
    )
    yield switch, folder / "tones", agents
    await switch.process.stop()


@pytest.fixture(params=["simulator", "asterisk"])
def new_world(request: pytest.FixtureRequest) -> Callable[[], World]:
    """How to make a world of this kind; the Asterisk starts only when one is wanted."""
    if request.param == "simulator":
        return SimulatedWorld
    asterisk = request.getfixturevalue("contract_asterisk")
    return lambda: AsteriskWorld(*asterisk)


@pytest_asyncio.fixture
async def world(new_world: Callable[[], World]) -> AsyncIterator[World]:
    """A switch in its world, with a controller that is connected."""
    world = new_world()
    await world.open()
    await world.connect()
    yield world
    await world.close()
