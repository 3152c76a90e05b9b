"""Telephones without sound: of the two cores as little as possible is spent on those who measure."""

import asyncio
import re
import socket
import time
from typing import Any

from tests.fakes.sip_phone import SipCall, SipPhone
from tests.fakes.sip_sound import Sound

_CALL_ID = re.compile(rb"^call-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class _Unheard(Sound):
    """Sound that goes to a socket which nobody reads; nothing is sent back."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    @property
    def port(self) -> int:
        return self._port

    def begin(self, target: tuple[str, int]) -> None:
        pass

    async def stop(self) -> None:
        pass


class QuietPhone(SipPhone):
    """A real telephone as far as SIP goes; ``rung_at`` has the instant at which each INVITE came to its socket."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.rung_at: dict[str, float] = {}
        self._ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ear.bind((host, 0))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.startswith(b"INVITE") and (found := _CALL_ID.search(data)):
            self.rung_at.setdefault(found.group(1).decode(), time.perf_counter())
        super().datagram_received(data, addr)

    async def close(self) -> None:
        await super().close()
        self._ear.close()

    async def _new_call(self, call_id: str, remote: tuple[str, int], *, placed: bool) -> SipCall:
        call = SipCall(self, call_id=call_id, remote=remote, placed=placed)
        call.sound = _Unheard(self._ear.getsockname()[1])
        self._by_id[call_id] = call
        self.calls.append(call)
        return call


class Citizens:
    """So many citizens who ring a number; whoever has been served rings again at once, so that there is always a line."""

    def __init__(self, phone: QuietPhone, *, at: tuple[str, int], how_many: int) -> None:
        self.failed = self.placed = 0
        self._phone, self._at, self._how_many = phone, at, how_many
        self._ringing: list[asyncio.Task[Any]] = []

    def ring(self, number: str) -> None:
        """Begin to ring."""
        self._ringing = [asyncio.create_task(self._again_and_again(number, who)) for who in range(self._how_many)]

    async def stop(self) -> None:
        """Hang up, all of them."""
        for task in self._ringing:
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)
        await asyncio.gather(*(call.hang_up() for call in self._phone.calls))
        self._phone.calls.clear()

    async def _again_and_again(self, number: str, who: int) -> None:
        while True:
            self.placed += 1
            call = await self._phone.call(number, at=self._at, caller=f"07017406{10 + who}")
            try:
                await call.answered(within=5)
                await call.ended.wait()
            except TimeoutError:
                self.failed += 1
            self._phone.calls.remove(call)
