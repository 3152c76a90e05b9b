"""Asks a provider over HTTP, and says of a failure what matters: surely not taken, or unclear."""

from typing import Any

import aiohttp

from core.errors import UnavailableError
from sms.ports import NotTakenError, UnclearError

TOTAL_SECONDS = 5.0
CONNECT_SECONDS = 2.0
"""Until then no byte of the text has left us, so whoever does not even answer the knock has not got it."""

LARGEST_ANSWER = 512 * 1024


class Asking:
    """Connections to one provider, with its log-in. Redirects are not followed: they would carry the text elsewhere."""

    def __init__(self, *, username: str, password: str, seconds: float = TOTAL_SECONDS) -> None:
        self._headers = {"Authorization": aiohttp.encode_basic_auth(username, password)}
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds))
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, form: dict[str, str]) -> tuple[int, bytes]:
        """Hand something over and return the status and the answer; raises :class:`NotTakenError` or :class:`UnclearError`."""
        try:
            return await self._ask("POST", url, data=form)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:  # no byte has left us
            raise NotTakenError(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnclearError(type(error).__name__) from error

    async def get(self, url: str, query: dict[str, str] | None = None) -> bytes:
        """Return what stands at an address; raises ``UnavailableError`` for whatever is not 200."""
        try:
            status, body = await self._ask("GET", url, params=query)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnavailableError(type(error).__name__) from error
        if status != 200:
            raise UnavailableError(str(status))
        return body

    async def _ask(self, method: str, url: str, **what: Any) -> tuple[int, bytes]:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)  # how many are asked at once is the room's to say
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers, connector=connector)
        async with self._session.request(method, url, allow_redirects=False, **what) as answer:
            body = await answer.content.read(LARGEST_ANSWER)
            while not answer.content.at_eof() and len(body) < LARGEST_ANSWER:
                body += await answer.content.read(LARGEST_ANSWER - len(body))
            return answer.status, body
