"""Runs a SIPp scenario, and makes the files that sound like pressed keys."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.asterisk import free_port
from tests.fakes.sip_sound import is_loud
from tests.needs import missing, sipp

SCENARIOS = Path(__file__).parent
_FRAME_SECONDS = 0.02
_CODES = {key: code for code, key in enumerate("0123456789*#")}


@dataclass(frozen=True)
class SippRun:
    """How a run went: ``status`` 0 when every call did all of its scenario."""

    status: int
    said: str
    sound_packets: int


async def run_sipp(
    scenario: str, *, folder: Path, at: tuple[str, int], called: str, words: Mapping[str, str], keys: Mapping[str, str],
    within: float,
) -> SippRun:  # fmt: skip
    """Let SIPp tell its scenario once. ``keys`` is file name → keys to press; the files continue each other."""
    _may_send_sound()
    program = sipp()
    press(folder, keys)
    (folder / scenario).write_text((SCENARIOS / scenario).read_text("utf-8"), "utf-8")
    sound_port = free_port(socket.SOCK_DGRAM)
    named = [part for name, word in words.items() for part in ("-key", name, word)]
    process = await asyncio.create_subprocess_exec(
        str(program), f"{at[0]}:{at[1]}", "-sf", scenario, "-s", called, "-i", "127.0.0.1",
        "-p", str(free_port(socket.SOCK_DGRAM)), "-mi", "127.0.0.1", "-mp", str(sound_port),
        "-m", "1", "-trace_screen", "-screen_file", "screen.log", "-trace_err", "-error_file", "errors.log", "-nostdin",
        "-timeout", str(int(within)), *named,
        cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    with _Ear(sound_port) as ear:
        _, complaints = await asyncio.wait_for(process.communicate(), within + 5)
    files = [folder / "screen.log", folder / "errors.log"]
    said = "\n".join(file.read_text("utf-8", "replace") for file in files if file.exists())
    return SippRun(process.returncode or 0, said + complaints.decode("utf-8", "replace"), ear.loud_packets)


class _Ear:
    """Counts the loud packets of sound that come to a port of loopback, beside whoever has it: SIPp does not."""

    def __init__(self, port: int) -> None:
        self.loud_packets = 0
        self._port = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._socket, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(100):
                packet = self._socket.recv(2048)
                udp = packet[(packet[0] & 0x0F) * 4 :]
                if int.from_bytes(udp[2:4], "big") == self._port and udp[9] & 0x7F == 0:
                    self.loud_packets += is_loud(udp[20:])


def press(folder: Path, keys: Mapping[str, str]) -> None:
    """Write one pcap file for each sequence of keys: RFC 4733 events of 100 ms, 100 ms apart."""
    sequence, stamp = 1, 160
    for name, pressed in keys.items():
        at, packets = 0.0, []
        for key in pressed:
            for step in range(1, 8):
                end, duration = (0x80 if step > 5 else 0), min(step, 5) * 160
                head = struct.pack("!BBHII", 0x80, 101 | (0x80 if step == 1 else 0), sequence, stamp, 0x4B435350)
                packets.append((at, head + struct.pack("!BBH", _CODES[key], end | 10, duration)))
                sequence, at = sequence + 1, at + _FRAME_SECONDS
            stamp, at = stamp + 1600, at + 0.06
        stamp += 8000
        (folder / name).write_bytes(_pcap(packets))


def _pcap(packets: list[tuple[float, bytes]]) -> bytes:
    """Return a capture of Ethernet frames (libpcap's classic format) with these UDP payloads."""
    written = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for at, payload in packets:
        udp = struct.pack("!HHHH", 6000, 6000, 8 + len(payload), 0) + payload
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
        frame = b"\0" * 12 + b"\x08\0" + ip + udp
        written.append(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame)
    return b"".join(written)


def _may_send_sound() -> None:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).close()
    except PermissionError:
        missing("the right to open raw sockets, with which SIPp sends its sound (run as root)")
