"""46elks, a Swedish provider of texts, over its REST interface (https://46elks.se/docs/send-sms, read in November 2026).

It has no key for idempotency and keeps nothing of ours with a text, so a lost reply is looked up by recipient, time and
text. Our name for the attempt stands in the address of the receipt. Its times are in UTC without saying so.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from pydantic import BaseModel, ValidationError
from yarl import URL

from core.errors import UnavailableError
from core.phone import PhoneNumber
from sms.model import State
from sms.ports import NotTakenError, RefusedByProviderError, Taken, ToSend, UnclearError

NAME = "46elks"
TOTAL_SECONDS = 5.0
LARGEST_ANSWER = 512 * 1024
CLOCKS_APART = timedelta(minutes=2)
"""So much may its clock differ from ours."""

MOST_PAGES = 10

STATES: Mapping[str, State] = {
    "created": State.ACCEPTED,  # received by their servers
    "sent": State.SENT,  # handed to the carrier
    "delivered": State.DELIVERED,  # the carrier says that the telephone has it
    "failed": State.FAILED,  # it could not be delivered
}
"""Their word for where a text is → ours."""

_REFUSED = 400
"""The request can never be right: no such number, an empty text. Any other 4xx (login, credit, rate) can be mended."""


class _Sms(BaseModel):
    id: str
    status: str = ""
    direction: str = "outgoing"
    to: str = ""
    message: str = ""
    created: datetime | None = None


class _Page(BaseModel):
    data: list[_Sms]
    next: str | None = None


class ElksProvider:
    """Sends by 46elks. ``receipts`` is the address that receipts come to, with its login; empty: none come."""

    name = NAME

    def __init__(
        self, *, url: str, username: str, password: str, sender: PhoneNumber, receipts: str = "",
        seconds: float = TOTAL_SECONDS,
    ) -> None:  # fmt: skip
        self._url = f"{url.rstrip('/')}/a1/sms"
        self._headers = {"Authorization": aiohttp.encode_basic_auth(username, password)}
        self._sender = sender
        self._receipts = receipts
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, one: ToSend) -> Taken:
        """Hand over one text; what the errors mean is in :class:`sms.ports.Provider`."""
        form = {"from": self._sender.e164, "to": one.number.e164, "message": one.text}
        if self._receipts:
            form["whendelivered"] = str(URL(self._receipts).with_query(ref=one.ref))
        try:
            status, body = await self._ask("POST", data=form)
        except aiohttp.ClientConnectorError as error:  # no byte has left us
            raise NotTakenError(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnclearError(type(error).__name__) from error
        if status == _REFUSED:
            raise RefusedByProviderError("400")
        if 400 < status < 500:
            raise NotTakenError(str(status))
        if status != 200:
            raise UnclearError(str(status))
        try:
            taken = _Sms.model_validate_json(body)
        except ValidationError as error:
            raise UnclearError("unreadable") from error
        return Taken(taken.id, STATES.get(taken.status, State.ACCEPTED))

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        """Return what went to this number with this text since the attempt began, the oldest first."""
        since = one.since.astimezone(UTC) - CLOCKS_APART
        asked = {"to": one.number.e164, "end": since.replace(tzinfo=None).isoformat(), "limit": "100"}
        found: list[_Sms] = []
        for _ in range(MOST_PAGES):
            page = await self._page(asked)
            found += [sms for sms in page.data if _may_be(sms, one, since=since)]
            if not page.next:
                break
            asked = asked | {"start": page.next}
        else:
            raise UnavailableError("too many texts to one number")
        found.sort(key=lambda sms: sms.created or since)
        return [Taken(sms.id, STATES.get(sms.status, State.ACCEPTED)) for sms in found]

    async def _page(self, asked: Mapping[str, str]) -> _Page:
        try:
            status, body = await self._ask("GET", params=asked)
            if status != 200:
                raise UnavailableError(str(status))
            return _Page.model_validate_json(body)
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            raise UnavailableError(type(error).__name__) from error

    async def _ask(self, method: str, **what: Any) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        async with self._session.request(method, self._url, allow_redirects=False, **what) as answer:
            body = await answer.content.read(LARGEST_ANSWER)
            while not answer.content.at_eof() and len(body) < LARGEST_ANSWER:
                body += await answer.content.read(LARGEST_ANSWER - len(body))
            return answer.status, body


def _may_be(sms: _Sms, one: ToSend, *, since: datetime) -> bool:
    created = sms.created.replace(tzinfo=sms.created.tzinfo or UTC) if sms.created else since
    is_ours = sms.direction.startswith("outgoing") and sms.to == one.number.e164 and created >= since
    return is_ours and sms.message.split() == one.text.split()
