"""Citizens: the same gestures over a real SIP telephone and on the simulator."""

import asyncio
import contextlib
import json
import time
from typing import Any

from redis.asyncio import Redis

from telephony.phone_feed import feed_of
from telephony.simulator.exchange import WITHHOLD
from telephony.simulator.remote import RemotePhones
from tests.fakes.sip_phone import SipCall, SipPhone
from tests.patience import at_most
from tests.running import NATIONAL, System, eventually
from tests.sipp.telephone import SippCall, SippPhone

ELSEWHERE, ELSEWHERE_E164 = "0701740640", "+46701740640"
"""A telephone that is not one of the demonstration's."""

FIRST_NUMBER = 701740611
"""The demonstration's telephones have eight numbers from here: what they hear can also be read."""


class Caller:
    """A citizen with a telephone of the demonstration. What is heard is read from the telephone's feed."""

    def __init__(self, system: System, redis: Redis, number: int) -> None:
        self.system = system
        self.number = f"+46{FIRST_NUMBER + number}"
        self.national = f"0{FIRST_NUMBER + number}"
        self.heard: list[dict[str, str]] = []
        self._redis = redis
        self._seen = 0
        self._calls_before = 0
        self._ear: asyncio.Task[None] | None = None
        self.withholds_number = False

    async def call(self, called: str = NATIONAL) -> None:
        """Dial, and return when the call is in the books."""
        await self._listen()
        self._calls_before = len(self._rows())
        await self._dial(called)
        await eventually(lambda: len(self._rows()) > self._calls_before, within=12, what="the call is in the books")

    async def hears(self, fragment: str, *, within: float = 12) -> str:
        """Wait until something with this in it begins to be said, after what was waited for last; return all of it."""
        return await self._notices("said", fragment, within=within)

    async def hears_music(self, *, within: float = 12) -> None:
        await self._notices("music", "", within=within)

    async def is_connected(self, *, within: float = 12) -> None:
        await self._notices("connected", "", within=within)

    async def is_hung_up(self, *, within: float = 12) -> None:
        await self._notices("ended", "", within=within)

    async def press(self, keys: str) -> None:
        self.system.secrets_keyed.add(keys.strip("#"))
        await self._press(keys)

    async def hang_up(self) -> None:
        await self._put_down()

    @property
    def row(self) -> dict[str, Any]:
        """The contact's row in the books."""
        rows = self._rows()
        return rows[-1] if rows else {}

    async def is_waiting(self, *, within: float = 10) -> None:
        """Wait until the books say that this caller waits in a line."""
        await eventually(lambda: self.row.get("state") == "waiting", within=within, what=f"{self.national} waits")

    async def wants_a_human(self) -> None:
        """Press 0 until the books say that this caller waits: what is said is not read on every telephone.

        Once a second: a telephone that has a dozen keys to press before it can hang up never does.
        """
        pressed_at = -1.0

        async def waits() -> bool:
            nonlocal pressed_at
            if self.row.get("state") == "waiting":
                return True
            if time.monotonic() - pressed_at > 1:
                await self.press("0")
                pressed_at = time.monotonic()
            return False

        await eventually(waits, within=15, what=f"{self.national} waits")

    async def outcome(self, *, within: float = 12) -> str:
        """Wait until the contact has ended, and return how."""
        await eventually(lambda: self.row.get("outcome"), within=within, what=f"{self.national} has an outcome")
        return str(self.row["outcome"])

    async def leave(self) -> None:
        with contextlib.suppress(TimeoutError):
            await self._put_down()
        if self._ear is not None:
            self._ear.cancel()
            await asyncio.gather(self._ear, return_exceptions=True)

    def _rows(self) -> list[dict[str, Any]]:
        wanted = "SELECT * FROM contacts WHERE caller IN (?, ?) ORDER BY opened_at"
        shown = ("", "") if self.withholds_number else (self.number, self.national)
        return self.system.rows(wanted, *shown)

    async def _notices(self, kind: str, fragment: str, *, within: float) -> str:
        def found() -> dict[str, str] | None:
            for place, one in enumerate(self.heard[self._seen :], self._seen):
                if one["kind"] == kind and fragment in one["text"]:
                    self._seen = place + 1
                    return one
            return None

        try:
            return str((await eventually(found, within=within, what=kind))["text"])
        except TimeoutError:
            raise AssertionError(
                f"{self.national} did not notice {kind} {fragment!r}, but {self.heard[self._seen :]}"
            ) from None

    async def _listen(self) -> None:
        if self._ear is None:
            ready = asyncio.Event()
            self._ear = asyncio.create_task(self._read(ready))
            await asyncio.wait_for(ready.wait(), at_most(3))

    async def _read(self, ready: asyncio.Event) -> None:
        async with self._redis.pubsub() as ear:
            await ear.subscribe(feed_of(self.number))
            async for message in ear.listen():
                if message["type"] == "subscribe":
                    ready.set()
                else:
                    self.heard.append({"text": "", **json.loads(message["data"])})

    async def _dial(self, called: str) -> None:
        raise NotImplementedError

    async def _press(self, keys: str) -> None:
        raise NotImplementedError

    async def _put_down(self) -> None:
        raise NotImplementedError


class SimulatorCaller(Caller):
    """A telephone without sound, whose buttons are pressed from outside."""

    @property
    def _buttons(self) -> RemotePhones:
        return RemotePhones(self._redis)

    async def _dial(self, called: str) -> None:
        await self._buttons.call(self.number, WITHHOLD + called if self.withholds_number else called)

    async def _press(self, keys: str) -> None:
        await self._buttons.press(self.number, keys)

    async def _put_down(self) -> None:
        await self._buttons.hang_up(self.number)


class SipCaller(Caller):
    """A real SIP telephone with real sound, on this machine: SIPp."""

    display_name = ""
    line: SippCall | SipCall | None = None
    _phone: SippPhone | None = None

    @property
    def switch(self) -> tuple[str, int]:
        return "127.0.0.1", self.system.sip_port

    async def _dial(self, called: str) -> None:
        self._phone = self._phone or SippPhone(self.system.state.parent / "telephones")
        shown = "" if self.withholds_number else self.national
        self.line = await self._phone.call(called, at=self.switch, caller=shown, display_name=self.display_name)

    async def _notices(self, kind: str, fragment: str, *, within: float) -> str:
        """Notice it; what a telephone without a number hears is not shown: its owner presses while it is said."""
        if not self.withholds_number or kind != "said":
            return await super()._notices(kind, fragment, within=within)
        assert self.line
        await asyncio.sleep(0.6)  # the key before has ended what was said then
        await self.line.hears_sound(within=within, packets=10)
        return fragment

    async def _press(self, keys: str) -> None:
        assert isinstance(self.line, SippCall)
        await self.line.answered(within=5)
        await self.line.press(keys)

    async def _put_down(self) -> None:
        if self.line is not None:
            await self.line.hang_up()


class OwnSipCaller(SipCaller):
    """The same where SIPp cannot be had, or may not send sound: our own telephone."""

    _own: SipPhone | None = None

    async def _dial(self, called: str) -> None:
        self._own = self._own or await SipPhone.open()
        shown = "" if self.withholds_number else self.national
        self.line = await self._own.call(called, at=self.switch, caller=shown, display_name=self.display_name)

    async def _press(self, keys: str) -> None:
        assert isinstance(self.line, SipCall)
        await self.line.answered(within=5)
        self.line.press(keys)

    async def leave(self) -> None:
        await super().leave()
        if self._own is not None:
            await self._own.close()
