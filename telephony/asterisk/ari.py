"""Our own small client of Asterisk's REST interface: requests with a time-out, and the stream of its events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import structlog
from yarl import URL

from core.errors import ConflictError
from telephony.asterisk.orders import ANSWER, Orders, message_of
from telephony.asterisk.translate import EVENTS, AriEvent, parse_event
from telephony.errors import LegGoneError, SwitchUnavailableError

SECONDS = 3.0
HEARTBEAT_SECONDS = 5.0
_log = structlog.get_logger()


class AriRefusedError(ConflictError):
    """The switch understood what was asked, and cannot do it in the present state."""


class AriConflictError(AriRefusedError):
    """There is such a thing already, or it is no longer in our hands."""


class EndpointUnknownError(ConflictError):
    """The switch has no line to ring there."""


class Ari:
    """Requests over kept-alive connections, events over one WebSocket. Everything that is a value gets encoded.

    What waits for nothing at the switch is asked over the WebSocket, too (``at_once``).
    """

    def __init__(self, *, base_url: str, user: str, password: str, app: str) -> None:
        self.app = app
        self._base = f"{base_url.rstrip('/')}/ari"
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._session: aiohttp.ClientSession | None = None
        self._orders: Orders | None = None

    async def close(self) -> None:
        """Give the connections back; the next request opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self,
        method: str,
        *path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        at_once: bool = False,
    ) -> Any:
        """Ask for ``path`` (parts without slashes) and return the JSON of the answer, or ``None``.

        ``at_once`` is for what the switch does without waiting for a channel, a bridge or a network (:mod:`.orders`).

        Raises :class:`LegGoneError` (404), :class:`AriRefusedError` (400, 409, 422), :class:`EndpointUnknownError` and
        :class:`SwitchUnavailableError` for all else, also after 3 s.
        """
        address = "/".join(quote(part, safe="") for part in path)
        if query:
            address = f"{address}?{urlencode(query)}"
        try:
            status, text = await self._ask(method, address, body, at_once=at_once)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SwitchUnavailableError(type(error).__name__) from error
        if status >= 300:
            raise _error(status, text)
        return _json(text)

    async def _ask(
        self, method: str, address: str, body: Mapping[str, object] | None, *, at_once: bool
    ) -> tuple[int, str]:
        orders = self._orders if at_once else None
        message = message_of(method, address, body) if orders is not None else None
        if orders is not None and message is not None:
            return await orders.ask(message, seconds=SECONDS)
        url = URL(f"{self._base}/{address}", encoded=True)
        try:
            return await self._ask_once(method, url, body)
        except aiohttp.ServerDisconnectedError:
            # A kept-alive connection was closed under us. What we send has our own ids, so twice is like once.
            return await self._ask_once(method, url, body)

    async def _ask_once(self, method: str, url: URL, body: Mapping[str, object] | None) -> tuple[int, str]:
        async with self._open_session().request(method, url, json=body) as answer:
            return answer.status, await answer.text()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[AriEvent]]:
        """Connect and hand over the events until the connection ends. Raises :class:`SwitchUnavailableError`.

        Another client of the same application is evicted; when that happens to us, ``Replaced`` comes as the last.
        """
        url = URL(f"{self._base}/events?{urlencode({'app': self.app})}", encoded=True)
        try:
            async with asyncio.timeout(SECONDS):
                socket = await self._open_session().ws_connect(url, heartbeat=HEARTBEAT_SECONDS)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SwitchUnavailableError(type(error).__name__) from error
        orders = Orders(socket)
        try:
            allowed = [{"type": name} for name in (*EVENTS, ANSWER)]
            await self.request("PUT", "applications", self.app, "eventFilter", body={"allowed": allowed})
            self._orders = orders
            yield _events(socket, orders)
        finally:
            self._orders = None
            orders.end()
            await socket.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=SECONDS),
                connector=aiohttp.TCPConnector(limit=32, keepalive_timeout=10),
            )
        return self._session


async def _events(socket: aiohttp.ClientWebSocketResponse, orders: Orders) -> AsyncIterator[AriEvent]:
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            continue
        told = _json(message.data)
        if orders.take(told):
            continue
        event = parse_event(told)
        if event is not None:
            yield event
    orders.end()


def _json(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        _log.warning("ari_unreadable", size=len(text))
        return None


def _error(status: int, text: str) -> Exception:
    if status == 404:
        return LegGoneError()
    if status == 409:
        return AriConflictError()
    if status in (400, 412, 422):  # 400 also for a channel that left while it was being put into a bridge
        return AriRefusedError(str(status))
    if status == 500 and "Allocation failed" in text:
        return EndpointUnknownError()
    return SwitchUnavailableError(f"status {status}")
