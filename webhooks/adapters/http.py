"""Posts over HTTP, to machines that may be reached only, wherever a name leads to."""

import socket
from collections.abc import Mapping
from contextlib import suppress

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from contacts.text import one_line
from webhooks.model import LONGEST_ANSWER, Answer
from webhooks.reach import Reach

TOTAL_SECONDS = 5.0
_LONGEST_DATE = 40
_MOST_READ = 4 * LONGEST_ANSWER
"""Bytes: a character is at most four."""


class NotReachableError(OSError):
    """The name leads to no machine that may be reached."""


class HttpPost:
    """Posts to receivers. Redirects are not followed, cookies not kept, and nothing that comes back is unpacked."""

    def __init__(self, *, reach: Reach, seconds: float = TOTAL_SECONDS) -> None:
        self._reach = reach
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, url: str, *, headers: Mapping[str, str], body: str) -> Answer:
        """Return what came of it; see :class:`webhooks.ports.Post`."""
        try:
            async with self._opened().post(
                url, data=body.encode(), headers=headers, allow_redirects=False, timeout=self._timeout
            ) as answer:
                retry_after = answer.headers.get("Retry-After", "")[:_LONGEST_DATE]
                return Answer(status=answer.status, text=await _beginning(answer), retry_after=retry_after)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Answer(status=None, text=type(error).__name__)  # its words hold the address

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, resolver=_Within(self._reach)),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "Kundcenter", "Accept-Encoding": "identity"},
                auto_decompress=False,
            )
        return self._session


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """Return the beginning of what was said, as one harmless line. The status stands, whatever becomes of the rest."""
    said = b""
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        while len(said) < _MOST_READ and (more := await answer.content.read(_MOST_READ - len(said))):
            said += more
    return one_line(said.decode("utf-8", "replace"), most=LONGEST_ANSWER)


class _Within(AbstractResolver):
    """Finds the addresses of a name, and forgets those that may not be reached: a name may lead anywhere at any time."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._names = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        within = [one for one in found if self._reach.includes(one["host"])]
        if not within:
            raise NotReachableError(host)
        return within

    async def close(self) -> None:
        await self._names.close()
