"""The sound of a test telephone: RTP with G.711 µ-law and pressed keys (RFC 4733), and how loud it is."""

from __future__ import annotations

import asyncio
import itertools
import math
import struct
import time
import wave
from pathlib import Path

_numbers = itertools.count(1)
_SILENCE = b"\xff" * 160
_GAP_FRAMES = 4
"""Between two keys, 80 ms: a switch may take keys without a pause for one another (Asterisk wants 45 ms)."""
_BREATH = 2000
"""A quarter of a second: where the processor is busy a switch sends late, and between two files of music somewhat less."""

KEYS = "0123456789*#"
"""In the order of their numbers in RFC 4733."""


def _ulaw(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = max(0, magnitude.bit_length() - 8)
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF


def speech_of(path: Path) -> bytes:
    """Read a WAV file of 8 kHz, mono, 16 bits as µ-law."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        frames = file.readframes(file.getnframes())
    return bytes(map(_ulaw, struct.unpack(f"<{len(frames) // 2}h", frames)))


TONE = bytes(_ulaw(int(9000 * math.sin(2 * math.pi * 440 * n / 8000))) for n in range(8000))
_LEVEL = [((((~b & 0x0F) << 3) + 132) << ((~b & 0x70) >> 4)) - 132 for b in range(256)]


def is_loud(payload: bytes) -> bool:
    """Tell whether a packet of µ-law sound is clearly above silence."""
    return bool(payload) and sum(_LEVEL[b] for b in payload) / len(payload) > 150


def pitch_of(payload: bytes) -> float:
    """Return about how many hertz a tone has, by how often it crosses zero."""
    signs = [b & 0x80 for b in payload]
    crossings = sum(a != b for a, b in zip(signs, signs[1:], strict=False))
    return crossings * 8000 / (2 * max(1, len(payload) - 1))


class Sound(asyncio.DatagramProtocol):
    """The sound of one call: 50 packets a second out, and measures of what comes in."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.target: tuple[str, int] | None = None
        self.packets = self.loud_packets = self.loud_in_row = self.sent = 0
        self.last_packet_at = self.last_loud_at = self.first_loud_at = 0.0
        self.talking = False
        self.speech = b""
        """What is still to be said, in µ-law; silence follows."""

        self.pitch = 0.0
        self.steady = 0
        """How many packets of sound have come since it last stopped for longer than :data:`_BREATH`."""

        self.pressed = ""
        """The keys that the far side has pressed."""

        self.keys: list[str] = []
        self.sources: set[tuple[str, int]] = set()
        self._sequence, self._stamp, self._ssrc = 1, 0, 0x4B430000 + next(_numbers)
        self._last = (0, 0, 0)
        self._last_key_at = -1
        self._pump: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        assert self.transport
        return int(self.transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        kind = data[1] & 0x7F if len(data) >= 16 else -1
        if kind == 101:
            self._take_key(data)
        if kind != 0:
            return
        self._take_place(data)
        self.packets += 1
        self.sources.add(addr)
        self.last_packet_at = time.monotonic()
        if is_loud(data[12:]):
            if self.loud_in_row == 0:
                self.first_loud_at = self.last_packet_at
            self.loud_packets, self.loud_in_row = self.loud_packets + 1, self.loud_in_row + 1
            self.last_loud_at = self.last_packet_at
            self.pitch = pitch_of(data[12:])
        else:
            self.loud_in_row = 0

    def _take_place(self, data: bytes) -> None:
        """Note whether the far side had stopped sending before this packet: its stamps go on with the time."""
        sequence, stamp, source = struct.unpack("!HII", data[2:12])
        before, stamp_before, source_before = self._last
        expected = stamp_before + 160 * ((sequence - before) & 0xFFFF)
        late = (stamp - expected + 0x80000000) % 0x100000000 - 0x80000000
        self.steady = self.steady + 1 if source == source_before and late < _BREATH else 0
        self._last = (sequence, stamp, source)

    def _take_key(self, data: bytes) -> None:
        """Note a key when it is let go; its last packet comes three times."""
        stamp = int.from_bytes(data[4:8], "big")
        if data[13] & 0x80 and stamp != self._last_key_at:
            self._last_key_at = stamp
            self.pressed += KEYS[data[12]]

    def begin(self, target: tuple[str, int]) -> None:
        self.target = target
        if self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._send_for_ever())

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self.transport is not None:
            self.transport.close()

    async def _send_for_ever(self) -> None:
        start, frames, gap = time.monotonic(), 0, 0
        while True:
            if self.keys and gap == 0:
                frames += await self._send_key(self.keys.pop(0))
                gap = _GAP_FRAMES
            elif self.keys:
                gap -= 1
                frames += self._send_frame()
            else:
                gap = 0
                frames += self._send_frame()
            await asyncio.sleep(max(0.0, start + frames * 0.02 - time.monotonic()))

    def _send_frame(self) -> int:
        offset = self._stamp % 8000
        said, self.speech = self.speech[:160], self.speech[160:]
        self._send(0, said.ljust(160, b"\xff") if said else TONE[offset : offset + 160] if self.talking else _SILENCE)
        self._stamp += 160
        return 1

    async def _send_key(self, key: str) -> int:
        stamp = self._stamp
        for step in range(1, 7):  # four packets of the key, then its end three times
            end, duration = (0x80 if step >= 4 else 0), min(step, 4) * 160
            self._send(101, struct.pack("!BBH", KEYS.index(key), end | 10, duration), stamp=stamp, marker=step == 1)
            await asyncio.sleep(0.02)
        self._stamp += 6 * 160
        return 6

    def _send(self, payload_type: int, payload: bytes, *, stamp: int | None = None, marker: bool = False) -> None:
        if self.transport is None or self.target is None or self.transport.is_closing():
            return
        kind = payload_type | (0x80 if marker else 0)
        head = struct.pack("!BBHII", 0x80, kind, self._sequence & 0xFFFF, stamp or self._stamp, self._ssrc)
        self.transport.sendto(head + payload, self.target)
        self._sequence, self.sent = self._sequence + 1, self.sent + 1
