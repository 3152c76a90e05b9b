"""A telephone for tests: real SIP (RFC 3261, UDP) and real sound (RTP, G.711 µ-law), in pure asyncio.

    async with await SipPhone.open() as phone:                       # a free port on loopback
        call = await phone.call("0771524524", at=("127.0.0.1", sip_port), caller="0701740605")
        await call.answered(within=2)
        call.press("1")                                              # RFC 4733, 80 ms a key
        await call.hears_sound(within=2)                             # loud enough packets in a row
        await call.hears_silence(within=2)                           # silent packets, or none, for 300 ms
        call.talk()                                                  # a 440 Hz tone until ``be_quiet``
        await call.hang_up()

An agent's phone is the same: give Asterisk a static contact ``sip:agent@127.0.0.1:<phone.port>``, then
``call = await phone.rung(within=2)``, ``call.header("X-KC-Contact")``, ``call.answer()`` or ``call.reject(486)``.
With ``phone.does_not_ring = True`` an INVITE is left without any answer. Figures: ``call.packets`` (RTP received),
``call.loud_packets``, ``call.ended`` (an ``asyncio.Event``), ``call.cancelled`` (it rang, and whoever rang gave up), ``call.status`` (the last final answer to our INVITE),
``call.end_cause`` (Q.850, from the ``Reason`` header of a BYE or CANCEL). It needs no registration and never answers
a challenge; only what the tests need of SIP is here.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import socket
import time
from collections.abc import Callable
from functools import partial

from tests.fakes.sip_sound import Sound
from tests.patience import at_most

_numbers = itertools.count(1)


async def until(condition: Callable[[], bool], *, within: float, what: str = "condition") -> None:
    """Wait for a named condition; raises ``TimeoutError`` with its name."""
    deadline = time.monotonic() + at_most(within)
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s: {what}")
        await asyncio.sleep(0.005)


class _Message:
    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        self.first = lines[0]
        self.headers = [
            (name.strip().lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines[1:])
        ]

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def status(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.get("cseq").split()[-1] if self.status else self.first.split()[0]

    @property
    def sound_address(self) -> tuple[str, int] | None:
        text = self.body.decode("utf-8", "replace")
        host, port = re.search(r"c=IN IP4 (\S+)", text), re.search(r"m=audio (\d+)", text)
        return (host.group(1), int(port.group(1))) if host and port else None


class SipCall:
    """One call, placed or received."""

    def __init__(self, phone: SipPhone, *, call_id: str, remote: tuple[str, int], placed: bool) -> None:
        self.phone, self.call_id, self.remote, self.placed = phone, call_id, remote, placed
        self.sound = Sound()
        self.ringing, self.up, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.status = 0
        self.cancelled = False
        self.end_cause: int | None = None
        self.invite: _Message | None = None
        self.local = self.peer = self.target = self.branch = self.request_uri = ""
        self.cseq = 1

    @property
    def packets(self) -> int:
        return self.sound.packets

    @property
    def loud_packets(self) -> int:
        return self.sound.loud_packets

    def header(self, name: str) -> str:
        """Return a header of the INVITE that rang us."""
        return self.invite.get(name) if self.invite else ""

    async def answered(self, *, within: float = 3.0) -> None:
        await until(self.up.is_set, within=within, what="answered")

    async def over(self, *, within: float = 3.0) -> None:
        await until(self.ended.is_set, within=within, what="call ended")

    def press(self, keys: str) -> None:
        """Queue these keys; each takes 120 ms of the sound."""
        self.sound.keys.extend(keys)

    def talk(self) -> None:
        self.sound.talking = True

    def say(self, speech: bytes) -> None:
        """Say this (µ-law), and then nothing."""
        self.sound.speech = speech

    def be_quiet(self) -> None:
        self.sound.talking = False

    async def hears_sound(self, *, within: float = 3.0, packets: int = 5) -> None:
        """Wait until this many loud packets came in a row from now on."""
        self.sound.loud_in_row = 0
        await until(lambda: self.sound.loud_in_row >= packets, within=within, what="sound")

    async def hears_silence(self, *, within: float = 3.0, seconds: float = 0.3) -> None:
        """Wait until nothing loud came for this long, counted from now."""
        since = time.monotonic()
        await until(
            lambda: time.monotonic() - max(self.sound.last_loud_at, since) > seconds, within=within, what="silence"
        )

    # --- what the owner does ---

    def ring(self) -> None:
        self._respond("180 Ringing")

    def answer(self) -> None:
        """Take a call that rings."""
        assert self.invite and self.invite.sound_address
        self._respond("200 OK", body=self._sdp())
        self.sound.begin(self.invite.sound_address)
        self.up.set()

    def reject(self, status: int = 603) -> None:
        reasons = {486: "Busy Here", 603: "Decline", 480: "Temporarily Unavailable", 503: "Service Unavailable"}
        self._respond(f"{status} {reasons.get(status, 'No')}")
        self.ended.set()

    async def hang_up(self) -> None:
        """End it from our side. Asked again when no answer came, and with a BYE when the answer crossed our CANCEL."""
        for _ in range(4):
            if self.ended.is_set():
                return
            changes = self.ended if self.up.is_set() else self.up
            self._ask_to_end()
            with contextlib.suppress(TimeoutError):
                await until(partial(self._is_over_or, changes), within=0.5)
        await self.over(within=0.5)

    def _is_over_or(self, another: asyncio.Event) -> bool:
        return self.ended.is_set() or another.is_set()

    def _ask_to_end(self) -> None:
        """BYE, or CANCEL while our own call rings, or turn down one that rings us."""
        if self.up.is_set():
            self.cseq += 1
            self.phone.send(self._request("BYE", self.cseq, uri=self.target), self.remote)
        elif self.placed:
            self.phone.send(self._request("CANCEL", 1, uri=self.request_uri, branch=self.branch), self.remote)
        else:
            self.reject()

    # --- SIP ---

    def start(self, number: str, *, caller: str, display_name: str) -> None:
        own = f"{self.phone.host}:{self.phone.port}"
        self.request_uri = f"sip:{number}@{self.remote[0]}:{self.remote[1]}"
        self.branch = f"z9hG4bK{self.call_id}"
        quoted = display_name.replace("\\", "\\\\").replace('"', '\\"')
        self.local = f'"{quoted}" <sip:{caller or "anonymous"}@{own}>;tag=t{next(_numbers)}'
        self.peer, self.target = f"<{self.request_uri}>", self.request_uri
        self.invite_again()

    def invite_again(self) -> None:
        """Send the same INVITE; a datagram may be lost, and this phone repeats nothing by itself."""
        self.phone.send(
            self._request("INVITE", 1, uri=self.request_uri, branch=self.branch, body=self._sdp()), self.remote
        )

    def take_response(self, message: _Message) -> None:
        if message.method == "BYE":
            self.ended.set()
        if message.method != "INVITE":
            return
        if message.status == 180:
            self.ringing.set()
        if message.status < 200:
            return
        self.status, self.peer = message.status, message.get("to")
        if message.status < 300:
            self.target = (re.findall(r"<(sip:[^>]+)>", message.get("contact")) or [self.request_uri])[0]
            self.phone.send(self._request("ACK", 1, uri=self.target), self.remote)
            if not self.up.is_set() and message.sound_address:
                self.sound.begin(message.sound_address)
                self.up.set()
        else:
            self.phone.send(self._request("ACK", 1, uri=self.request_uri, branch=self.branch), self.remote)
            self._take_cause(message)
            self.ended.set()

    def take_request(self, message: _Message) -> None:
        if message.method == "INVITE":
            if self.up.is_set():  # asked again within the call; otherwise the same INVITE has only been repeated
                self.invite = message
                self._respond("200 OK", body=self._sdp())
        elif message.method == "BYE":
            self._take_cause(message)
            self.phone.send(self.phone.response(message, "200 OK"), self.remote)
            self.ended.set()
        elif message.method == "CANCEL":
            self._take_cause(message)
            self.cancelled = True
            self.phone.send(self.phone.response(message, "200 OK"), self.remote)
            self._respond("487 Request Terminated")
            self.ended.set()
        elif message.method != "ACK":
            self.phone.send(self.phone.response(message, "200 OK"), self.remote)

    def rung_by(self, message: _Message) -> None:
        self.invite = message
        self.peer = message.get("from")
        self.local = message.get("to") + f";tag=t{next(_numbers)}"
        self.target = (re.findall(r"<(sip:[^>]+)>", message.get("contact")) or [""])[0]
        if not self.phone.does_not_ring:
            self.ring()

    def _take_cause(self, message: _Message) -> None:
        found = re.search(r"Q\.850;\s*cause=(\d+)", message.get("reason"), re.IGNORECASE)
        self.end_cause = int(found.group(1)) if found else None

    def _respond(self, status: str, *, body: str = "") -> None:
        assert self.invite
        self.phone.send(self.phone.response(self.invite, status, to=self.local, body=body), self.remote)

    def _request(self, method: str, cseq: int, *, uri: str, branch: str = "", body: str = "") -> str:
        own = f"{self.phone.host}:{self.phone.port}"
        peer = f"<{self.request_uri}>" if method == "CANCEL" else self.peer
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch={branch or f'z9hG4bK{next(_numbers)}'};rport",
            f"Max-Forwards: 70\r\nFrom: {self.local}\r\nTo: {peer}\r\nCall-ID: {self.call_id}",
            f"CSeq: {cseq} {method}\r\nContact: <sip:test@{own}>",
        ]
        return "\r\n".join(lines) + _tail(body)

    def _sdp(self) -> str:
        host = self.phone.host
        return (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {self.sound.port} RTP/AVP 0 101\r\n"
            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        )


class SipPhone(asyncio.DatagramProtocol):
    """A telephone on a free port of loopback. ``calls`` holds all its calls, oldest first."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.calls: list[SipCall] = []
        self.does_not_ring = False
        self._rung: asyncio.Queue[SipCall] = asyncio.Queue()
        self._by_id: dict[str, SipCall] = {}
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, *, host: str = "127.0.0.1", port: int = 0) -> SipPhone:
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_datagram_endpoint(lambda: cls(host), local_addr=(host, port))
        return phone

    async def __aenter__(self) -> SipPhone:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def port(self) -> int:
        assert self._transport
        return int(self._transport.get_extra_info("sockname")[1])

    async def close(self) -> None:
        """Hang up everything and give the ports back."""
        for call in self.calls:
            with contextlib.suppress(TimeoutError):  # the other side may be gone
                await call.hang_up()
            await call.sound.stop()
        if self._transport:
            self._transport.close()

    async def call(self, number: str, *, at: tuple[str, int], caller: str = "", display_name: str = "") -> SipCall:
        """Place a call; ``caller`` and ``display_name`` go into the From header as they are."""
        call = await self._new_call(f"c{self.port}-{next(_numbers)}-{time.monotonic_ns()}", at, placed=True)
        call.start(number, caller=caller, display_name=display_name)
        return call

    async def rung(self, *, within: float = 3.0) -> SipCall:
        """Wait for a call to this phone; it rings already, unless ``does_not_ring``."""
        return await asyncio.wait_for(self._rung.get(), within)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 20:
            return
        message = _Message(data)
        call = self._by_id.get(message.get("call-id"))
        if message.status:
            if call is not None:
                call.take_response(message)
        elif call is not None:
            call.take_request(message)
        elif message.method == "INVITE" and message.get("call-id") not in self._by_id:
            self._by_id[message.get("call-id")] = None  # type: ignore[assignment]
            asyncio.get_running_loop().create_task(self._be_rung(message, addr))
        elif message.method not in ("ACK", "INVITE"):
            self.send(self.response(message, "200 OK"), addr)

    async def _be_rung(self, message: _Message, addr: tuple[str, int]) -> None:
        call = await self._new_call(message.get("call-id"), addr, placed=False)
        call.rung_by(message)
        self._rung.put_nowait(call)

    async def _new_call(self, call_id: str, remote: tuple[str, int], *, placed: bool) -> SipCall:
        call = SipCall(self, call_id=call_id, remote=remote, placed=placed)
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: call.sound, local_addr=(self.host, 0), family=socket.AF_INET
        )
        self._by_id[call_id] = call
        self.calls.append(call)
        return call

    def send(self, text: str, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(text.encode("utf-8", "surrogateescape"), addr)

    def response(self, request: _Message, status: str, *, to: str = "", body: str = "") -> str:
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.all("via"))]
        lines += [
            f"From: {request.get('from')}",
            f"To: {to or request.get('to')}",
            f"Call-ID: {request.get('call-id')}",
        ]
        lines += [f"CSeq: {request.get('cseq')}", f"Contact: <sip:test@{self.host}:{self.port}>"]
        return "\r\n".join(lines) + _tail(body)


def _tail(body: str) -> str:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return f"\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
