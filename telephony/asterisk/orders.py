"""Requests over the stream of events: a message there and one back, much less work than a request over HTTP.

Asterisk (22.4 and newer) carries out what comes over one WebSocket strictly one after the other. So only that goes this
way which waits for nothing: not for a channel's own thread, which may be in the middle of something, nor for a network.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

ANSWER = "RESTResponse"
"""The type of event that is an answer; the switch's filter of events holds for it too."""

MOST_BYTES = 16_000
"""A longer message would be refused, and with it the connection closed."""


class OrdersEndedError(aiohttp.ClientConnectionError):
    """The stream has ended, and with it the way back for answers."""


class Orders:
    """What is asked over one stream of events, until it ends."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[tuple[int, str]]] = {}
        self._asked = 0
        self._ended = False

    async def ask(self, message: Mapping[str, Any], *, seconds: float) -> tuple[int, str]:
        """Ask, and return the status and the text of the answer.

        Raises ``TimeoutError`` after ``seconds``, and ``aiohttp.ClientError`` when the stream ends meanwhile.
        """
        if self._ended:
            raise OrdersEndedError
        self._asked += 1
        name = str(self._asked)
        answer: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._answers[name] = answer
        try:
            async with asyncio.timeout(seconds):
                await self._socket.send_str(json.dumps({**message, "request_id": name}))
                return await answer
        finally:
            self._answers.pop(name, None)

    def take(self, told: Any) -> bool:
        """Take what the stream brings, if it is an answer; one that nobody waits for any more is let go."""
        if not isinstance(told, dict) or told.get("type") != ANSWER:
            return False
        answer = self._answers.get(str(told.get("request_id")))
        status, text = told.get("status_code"), told.get("message_body")
        if answer is not None and not answer.done():
            answer.set_result((status if isinstance(status, int) else 500, text if isinstance(text, str) else ""))
        return True

    def end(self) -> None:
        """Tell all who wait that no answer will come."""
        self._ended = True
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(OrdersEndedError())


def message_of(method: str, address: str, body: Mapping[str, object] | None) -> Mapping[str, Any] | None:
    """Return the message that asks for an address (a path and a query, encoded); ``None`` when it would be too long."""
    message = {"type": "RESTRequest", "method": method, "uri": address}
    if body is not None:
        message |= {"content_type": "application/json", "message_body": json.dumps(body)}
    return message if sum(map(len, message.values())) < MOST_BYTES // 2 else None
