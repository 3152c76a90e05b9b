"""``asterisk-ami`` made fit for years of watching: nothing forged goes out, nothing that comes in ends the reader.

What 0.1.7 does otherwise: its reader dies after 3 s of silence and at any error in a listener; a send may be cut
short or mixed with another; answers that never come are kept for ever; lines break at any Unicode separator; and a
value with CR LF becomes an action of its own.
"""

import concurrent.futures
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from asterisk.ami import Action, AMIClient, Event, Response

from core.errors import KundcenterError

MOST_UNREAD_BYTES = 1 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_log = structlog.get_logger()

Answer = concurrent.futures.Future[Response]


class UnsafeValueError(KundcenterError):
    """A value with control characters is not sent to the switch."""


class HardenedClient(AMIClient):  # type: ignore[misc]
    """An AMI connection. One reader thread; listeners are called on it and may raise as they like."""

    def __init__(self, address: str, port: int, *, timeout_seconds: float = 3.0) -> None:
        super().__init__(address=address, port=port, timeout=timeout_seconds)
        self._writing = threading.Lock()
        self._heard_at = time.monotonic()

    @property
    def silent_seconds(self) -> float:
        """For how long nothing at all has come from the switch."""
        return time.monotonic() - self._heard_at

    def connect(self) -> None:
        """Connect and start reading; raises ``OSError``."""
        self._socket = socket.create_connection((self._address, self._port), timeout=self._timeout)
        self.finished = threading.Event()
        self._heard_at = time.monotonic()
        self._thread = threading.Thread(target=self.listen, name="ami-reader", daemon=True)
        self._thread.start()

    def disconnect(self) -> None:
        """Close the connection and wait for the reader to end; safe to call at any time, from any thread."""
        if self.finished is None:
            return
        self.finished.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not threading.current_thread():
            self._thread.join(self._timeout)

    def send_action(self, action: Action, callback: Callable[[Response], None] | None = None) -> Answer:
        """Send an action and return its answer to come; a cancelled or settled one is forgotten.

        Raises :class:`UnsafeValueError` before anything is sent, and ``OSError``.
        """
        refuse_control_characters(action)
        action_id = str(self.next_action_id())
        action.keys["ActionID"] = action_id
        answer: Answer = concurrent.futures.Future()
        answer.add_done_callback(lambda done: self._futures.pop(action_id, None))
        if callback:
            answer.add_done_callback(lambda done: _call_back(callback, done))
        self._futures[action_id] = answer
        try:
            self.send(action)
        except OSError:
            answer.cancel()  # nobody will answer what was not sent
            raise
        return answer

    def send(self, pack: Action) -> None:
        """Write the whole action, and nothing between its lines."""
        with self._writing:
            self._socket.sendall(f"{pack}\r\n".encode())

    def listen(self) -> None:
        """Read until the connection ends, whatever arrives; then tell the listeners and settle all answers."""
        error: OSError | None = None
        try:
            for pack in self._packs():
                self._guarded(self.fire_recv_pack, pack)
        except OSError as reason:
            error = reason
        finally:
            self.finished.set()
            with contextlib.suppress(OSError):
                self._socket.close()
            for answer in list(self._futures.values()):
                answer.set_exception(error or ConnectionResetError("the connection has ended"))
            self._guarded(self._fire_on_disconnect, error=error)

    def fire_recv_pack(self, pack: str) -> None:
        """Tell the listeners what one block of lines says; lines end at CR LF and nowhere else."""
        kind, name, keys = _read(pack)
        if kind == "response":
            answer = self._futures.get(keys.get("ActionID", ""))
            if answer is not None and not answer.done():
                answer.set_result(Response(name, keys, []))
        elif kind == "event":
            event = Event(name, keys)
            for listener in self._listeners:
                self._guarded(listener.on_event, source=self, event=event)

    def _packs(self) -> Iterator[str]:
        data = b""
        end = b"\r\n"  # the greeting is one line; all that follows are blocks
        while not self.finished.is_set():
            try:
                received = self._socket.recv(1 << 16)
            except TimeoutError:  # silence is no fault; the watcher pings
                continue
            if not received:
                return
            self._heard_at = time.monotonic()
            data += received
            while end in data:
                pack, data = data.split(end, 1)
                yield pack.decode("utf-8", "replace")
                end = b"\r\n\r\n"
            if len(data) > MOST_UNREAD_BYTES:
                raise OSError("the switch sends without end")

    def _guarded(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except Exception as error:
            _log.warning("ami_listener_failed", error=type(error).__name__)


def refuse_control_characters(action: Action) -> None:
    """Raise :class:`UnsafeValueError` if any name or value of the action could end its line."""
    texts = [action.name, *action.keys, *action.keys.values(), *action.variables, *action.variables.values()]
    if any(_CONTROL.search(str(text)) for text in texts):
        raise UnsafeValueError


def _call_back(callback: Callable[[Response], None], answer: Answer) -> None:
    if not answer.cancelled() and answer.exception() is None:
        callback(answer.result())


def _read(pack: str) -> tuple[str, str, dict[str, str]]:
    first, *rest = pack.split("\r\n")
    kind, _, name = first.partition(": ")
    keys: dict[str, str] = {}
    for line in rest:
        key, separator, value = line.partition(": ")
        if separator:
            keys.setdefault(key, value)
    return kind.strip().lower(), name.strip(), keys
