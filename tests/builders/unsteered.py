"""A real switch that nobody steers, until somebody does."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp

from tests.asterisk import TestSwitch
from tests.patience import at_most


@contextmanager
def saying_little(switch: TestSwitch) -> Iterator[None]:
    """Have the switch say in half a second that it can promise nothing, or that it thanks."""
    names = ("stranded-fault", "stranded-no-number", "stranded-thanks")
    files = [switch.settings.sounds / f"{name}.wav" for name in names]
    kept = [file.read_bytes() for file in files]
    try:
        for file in files:
            file.write_bytes((switch.settings.music / "music.wav").read_bytes()[:8044])
        yield
    finally:
        for file, content in zip(files, kept, strict=True):
            file.write_bytes(content)


@asynccontextmanager
async def steering(switch: TestSwitch) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Have somebody there who steers the calls."""
    sign_in = aiohttp.encode_basic_auth(switch.settings.ari_user, switch.settings.ari_password)
    async with (
        aiohttp.ClientSession(headers={"Authorization": sign_in}) as session,
        session.ws_connect(f"{switch.ari_url}/ari/events?app=kundcenter") as controller,
    ):
        yield controller


async def gets_a_call(controller: aiohttp.ClientWebSocketResponse) -> list[str]:
    """Wait until the controller is given a call, and return what it is told of it."""
    event = await controller.receive_json(timeout=at_most(5))
    while event["type"] != "StasisStart":
        event = await controller.receive_json(timeout=at_most(5))
    return list(event["args"])
