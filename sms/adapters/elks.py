"""46elks, a Swedish provider of texts (https://46elks.se/docs: send-sms, sms-delivery-reports, receive-sms; November 2026).

It has no key for idempotency and keeps nothing of ours with a text, so a lost reply is looked up by recipient, time and
text. Our name for the attempt stands in the address of the receipt. Its times are in UTC without saying so. It signs
nothing: the addresses that it posts to hold a secret. **What we answer to an incoming text it sends to the citizen**, so
that is nothing.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ValidationError
from yarl import URL

from core.errors import UnavailableError
from core.phone import PhoneNumber
from sms.adapters.http import TOTAL_SECONDS, Asking
from sms.model import State
from sms.ports import Incoming, NotTakenError, Posted, Receipt, RefusedByProviderError, Taken, ToSend, UnclearError

NAME = "46elks"
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
    """Sends by 46elks. ``receipts`` is the address that receipts come to, with its log-in; empty: none come."""

    name = NAME

    def __init__(
        self, *, url: str, username: str, password: str, sender: PhoneNumber, receipts: str = "",
        seconds: float = TOTAL_SECONDS,
    ) -> None:  # fmt: skip
        self._url = f"{url.rstrip('/')}/a1/sms"
        self._sender = sender
        self._receipts = receipts
        self._asking = Asking(username=username, password=password, seconds=seconds)
        self.close = self._asking.close

    async def send(self, one: ToSend) -> Taken:
        """Hand over one text; what the errors mean is in :class:`sms.ports.Provider`."""
        form = {"from": self._sender.e164, "to": one.number.e164, "message": one.text}
        if self._receipts:
            form["whendelivered"] = str(URL(self._receipts).with_query(ref=one.ref))
        status, body = await self._asking.post(self._url, form)
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

    async def _page(self, asked: dict[str, str]) -> _Page:
        try:
            return _Page.model_validate_json(await self._asking.get(self._url, asked))
        except ValidationError as error:
            raise UnavailableError("unreadable") from error


def _may_be(sms: _Sms, one: ToSend, *, since: datetime) -> bool:
    created = sms.created.replace(tzinfo=sms.created.tzinfo or UTC) if sms.created else since
    is_ours = sms.direction.startswith("outgoing") and sms.to == one.number.e164 and created >= since
    return is_ours and sms.message.split() == one.text.split()


class ElksWebhook:
    """Reads what 46elks posts. ``secret`` is the password of the address, or its ``key`` where no log-in is passed on."""

    name = NAME
    answer = ""
    media_type = "text/plain"

    def __init__(self, *, secret: str) -> None:
        self._secret = secret.encode()

    def is_genuine(self, posted: Posted) -> bool:
        """Tell whether the secret came with it, in a time that does not depend on how much of it is right."""
        password = _password(posted.headers.get("authorization", ""))
        key = posted.query.get("key", "").encode("utf-8", "replace")
        by_password, by_key = hmac.compare_digest(password, self._secret), hmac.compare_digest(key, self._secret)
        return bool(self._secret) and (by_password or by_key)

    def text(self, posted: Posted) -> Incoming | None:
        """Return the text that came in."""
        if not posted.get("id") or posted.get("direction") not in ("", "incoming"):
            return None
        return Incoming(provider_id=posted.get("id"), number=posted.get("from"), text=posted.get("message"))

    def receipt(self, posted: Posted) -> Receipt | None:
        """Return how far a text of ours is."""
        state = STATES.get(posted.get("status"))
        if state is None or not posted.get("id"):
            return None
        return Receipt(provider_id=posted.get("id"), state=state, ref=posted.query.get("ref", ""))


def _password(header: str) -> bytes:
    kind, _, word = header.partition(" ")
    if kind.lower() != "basic":
        return b""
    try:
        return base64.b64decode(word.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
