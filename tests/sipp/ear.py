"""Hears what comes to a port that another process has: SIPp does not count the sound that comes to it."""

import asyncio
import contextlib
import ctypes
import socket
import struct
from typing import Self

from tests.fakes.sip_sound import Sound

_SO_ATTACH_FILTER = 26
_ONLY_TO = [
    (0xB1, 0, 0, 0),  # how long the IP header is
    (0x48, 0, 0, 2),  # the port that the datagram goes to
    (0x15, 0, 1, None),  # is it ours?
    (0x06, 0, 0, 0xFFFF),
    (0x06, 0, 0, 0),
]
"""A filter of the kernel's (BPF): other people's sound on loopback is much, and would be read for nothing."""


def may_listen() -> bool:
    """Whether we have the right to open raw sockets, with which we hear and SIPp speaks."""
    try:
        _raw_socket().close()
    except PermissionError:
        return False
    return True


class Ear:
    """Measures the sound that comes to a port of loopback, beside whoever has it. Use as a context manager."""

    def __init__(self, port: int) -> None:
        self.sound = Sound()
        self._socket = _raw_socket()
        self._socket.setblocking(False)
        code = b"".join(struct.pack("HBBI", *part[:3], port if part[3] is None else part[3]) for part in _ONLY_TO)
        kept = ctypes.create_string_buffer(code)
        program = struct.pack("HP", len(_ONLY_TO), ctypes.addressof(kept))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._socket, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(100):
                packet, sender = self._socket.recvfrom(2048)
                self.sound.datagram_received(packet[(packet[0] & 0x0F) * 4 + 8 :], sender)


def _raw_socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
