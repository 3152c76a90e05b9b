"""Files that sound like pressed keys (RFC 4733) or like somebody who speaks, for SIPp to play."""

import struct
from collections.abc import Mapping
from pathlib import Path

from tests.fakes.sip_sound import KEYS, TONE

KEY_SECONDS = 0.2
"""From the beginning of one key to that of the next: a switch may take keys without a pause for one another."""

_FRAME_SECONDS = 0.02
_STAMPS_A_KEY = 1600
_PACKETS_A_KEY = 7
_SSRC = 0x4B435350

Packets = list[tuple[float, bytes]]


def press(folder: Path, keys: Mapping[str, str]) -> None:
    """Write one file for each sequence of keys, file name → keys; they continue each other."""
    place = 0
    for name, pressed in keys.items():
        packets: Packets = []
        for at, key in enumerate(pressed):
            packets += [(at * KEY_SECONDS + offset, packet) for offset, packet in one_key(key, place=place)]
            place += 1
        place += 5  # a second goes by
        write(folder / name, packets)


def one_key(key: str, *, place: int) -> Packets:
    """Return a key that is held for 100 ms, as the ``place``-th that is pressed in its call: a switch takes no key twice."""
    packets = []
    for step in range(1, _PACKETS_A_KEY + 1):
        ends, length = (0x80 if step > 4 else 0), min(step, 5) * 160
        kind, sequence = 101 | (0x80 if step == 1 else 0), place * _PACKETS_A_KEY + step
        head = struct.pack("!BBHII", 0x80, kind, sequence, 160 + place * _STAMPS_A_KEY, _SSRC)
        packets.append(((step - 1) * _FRAME_SECONDS, head + struct.pack("!BBH", KEYS.index(key), ends | 10, length)))
    return packets


def speech(*, seconds: int) -> Packets:
    """Return a tone, as that of somebody who speaks without a pause."""
    return [
        (
            frame * _FRAME_SECONDS,
            struct.pack("!BBHII", 0x80, 0, frame, frame * 160, _SSRC + 1) + TONE[frame % 50 * 160 :][:160],
        )
        for frame in range(int(seconds / _FRAME_SECONDS))
    ]


def spoken(speech: bytes) -> Packets:
    """Return speech (µ-law, 8 kHz) as it is sent."""
    return [
        (at * _FRAME_SECONDS, struct.pack("!BBHII", 0x80, 0, at, at * 160, _SSRC + 2) + speech[at * 160 :][:160])
        for at in range(len(speech) // 160)
    ]


def silence(*, seconds: int) -> Packets:
    """Return what a telephone sends while nobody speaks into it."""
    return spoken(b"\xff" * (8000 * seconds))


def write(path: Path, packets: Packets) -> None:
    """Write a capture of Ethernet frames (libpcap's classic format) with these UDP payloads."""
    written = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for at, payload in packets:
        udp = struct.pack("!HHHH", 6000, 6000, 8 + len(payload), 0) + payload
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
        frame = b"\0" * 12 + b"\x08\0" + ip + udp
        written.append(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame)
    path.write_bytes(b"".join(written))
