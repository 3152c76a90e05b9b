"""Twilio as a provider of texts (https://www.twilio.com/docs/messaging/api/message-resource, read in November 2026).

Creating a message is not idempotent: a lost reply is looked up by sender, recipient, time and text. Its package is used
for the signature only. Its client would log the number, and hides whether a byte of the text has left us. The list is not
asked for by ``DateSent``: a message that waits in their queue has none yet, and is just the one that we look for.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator, add_port, remove_port
from yarl import URL

from core.errors import ConfigurationError, UnavailableError
from core.phone import PhoneNumber
from sms.adapters.http import TOTAL_SECONDS, Asking
from sms.model import State
from sms.ports import (
    Incoming,
    NotTakenError,
    OptedOutAtProviderError,
    Posted,
    Receipt,
    RefusedByProviderError,
    Taken,
    ToSend,
    UnclearError,
)

NAME = "twilio"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
CLOCKS_APART = timedelta(minutes=2)
"""So much may its clock differ from ours."""

MOST_PAGES = 10

STATES: Mapping[str, State] = {
    "accepted": State.ACCEPTED,  # a sender is being chosen
    "scheduled": State.ACCEPTED,  # for later
    "queued": State.ACCEPTED,  # waits for its turn
    "sending": State.ACCEPTED,  # on its way to the carrier
    "sent": State.SENT,  # the nearest carrier has it
    "delivered": State.DELIVERED,  # the carrier, perhaps the telephone, says that it is there
    "read": State.DELIVERED,  # was opened
    "undelivered": State.FAILED,  # the carrier says that it is not
    "failed": State.FAILED,  # could not be sent
    "canceled": State.FAILED,  # was called off
}
"""Their word for where a message is → ours."""

OPTED_OUT = "21610"
"""The recipient has written STOP to this sender; nothing goes there before they write START."""

MENDABLE = frozenset(
    {
        "20003",  # the log-in is wrong
        "20005",  # the account is not active
        "20429",  # too many requests
        "21606",  # the sender is not ours, or cannot send texts
        "21611",  # the sender's queue is full
        "30001",  # a queue is full
        "30002",  # the account is suspended
    }
)
"""Codes of a refusal that has nothing to do with this text: it is sent when somebody has mended it, or by another provider."""


class _Sms(BaseModel):
    sid: str
    status: str = ""
    direction: str = "outbound-api"
    to: str = ""
    body: str = ""
    date_created: str | None = None
    error_code: int | None = None

    def created(self, *, otherwise: datetime) -> datetime:
        try:
            at = parsedate_to_datetime(self.date_created or "")
        except ValueError:
            return otherwise
        return at.replace(tzinfo=at.tzinfo or UTC)


class _Page(BaseModel):
    messages: list[_Sms]
    next_page_uri: str | None = None


class _Problem(BaseModel):
    code: int | None = None


class TwilioProvider:
    """Sends by Twilio. ``receipts`` is the address that receipts come to; empty: none come."""

    name = NAME

    def __init__(
        self, *, url: str, account: str, token: str, sender: PhoneNumber, receipts: str = "",
        seconds: float = TOTAL_SECONDS,
    ) -> None:  # fmt: skip
        self._host = url.rstrip("/")
        self._url = f"{self._host}/2010-04-01/Accounts/{account}/Messages.json"
        self._sender = sender
        self._receipts = receipts
        self._asking = Asking(username=account, password=token, seconds=seconds)
        self.close = self._asking.close

    async def send(self, one: ToSend) -> Taken:
        """Hand over one text; what the errors mean is in :class:`sms.ports.Provider`."""
        form = {"From": self._sender.e164, "To": one.number.e164, "Body": one.text}
        if self._receipts:
            form["StatusCallback"] = str(URL(self._receipts).with_query(ref=one.ref))
        status, body = await self._asking.post(self._url, form)
        if 400 <= status < 500:
            raise _refusal(status, body)
        if status not in (200, 201):
            raise UnclearError(str(status))
        try:
            taken = _Sms.model_validate_json(body)
        except ValidationError as error:
            raise UnclearError("unreadable") from error
        return Taken(taken.sid, STATES.get(taken.status, State.ACCEPTED))

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        """Return what went to this number with this text since the attempt began, the oldest first."""
        since = one.since.astimezone(UTC) - CLOCKS_APART
        query: dict[str, str] | None = {"To": one.number.e164, "From": self._sender.e164, "PageSize": "100"}
        found: list[_Sms] = []
        url = self._url
        for _ in range(MOST_PAGES):
            page = await self._page(url, query)
            young = [sms for sms in page.messages if sms.created(otherwise=since) >= since.replace(microsecond=0)]
            found += [sms for sms in young if _may_be(sms, one)]
            if not page.next_page_uri or not young:
                break
            url, query = self._host + page.next_page_uri, None
        else:
            raise UnavailableError("too many texts to one number")
        found.sort(key=lambda sms: sms.created(otherwise=since))
        return [Taken(sms.sid, STATES.get(sms.status, State.ACCEPTED)) for sms in found]

    async def _page(self, url: str, query: dict[str, str] | None) -> _Page:
        try:
            return _Page.model_validate_json(await self._asking.get(url, query))
        except ValidationError as error:
            raise UnavailableError("unreadable") from error


def _refusal(status: int, body: bytes) -> NotTakenError | RefusedByProviderError:
    try:
        code = str(_Problem.model_validate_json(body).code or "")
    except ValidationError:
        code = ""
    if code == OPTED_OUT:
        return OptedOutAtProviderError(code)
    if status != 400 or not code or code in MENDABLE:
        return NotTakenError(code or str(status))
    return RefusedByProviderError(code)


def _may_be(sms: _Sms, one: ToSend) -> bool:
    is_ours = sms.direction.startswith("outbound") and sms.to == one.number.e164
    words, ours = sms.body.split(), one.text.split()
    return is_ours and words[len(words) - len(ours) :] == ours  # an account on trial has words of theirs before ours


class TwilioWebhook:
    """Reads what Twilio posts. ``base_url`` is the address that Twilio knows us by; with no token anybody could sign."""

    name = NAME
    answer = EMPTY_TWIML
    media_type = "application/xml"

    def __init__(self, *, token: str, base_url: str) -> None:
        if not token:
            raise ConfigurationError("Twilio's webhooks need its auth token.")
        self._base_url = base_url.rstrip("/")
        self._validator = RequestValidator(token)

    def is_genuine(self, posted: Posted) -> bool:
        """Tell whether Twilio signed exactly this: the public address as it knows it, and every field of the form."""
        signature = posted.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
        address, form = urlsplit(self._base_url + posted.target), FormData(list(posted.form))
        plain, with_port = (  # it signs with or without the port; both are compared, in equal time
            hmac.compare_digest(self._validator.compute_signature(one, form).encode(), signature)
            for one in (remove_port(address), add_port(address))
        )
        return plain or with_port

    def text(self, posted: Posted) -> Incoming | None:
        """Return the text that came in. What a citizen attached is never fetched."""
        if not (sid := posted.get("MessageSid")):
            return None
        return Incoming(provider_id=sid, number=posted.get("From"), text=posted.get("Body"))

    def receipt(self, posted: Posted) -> Receipt | None:
        """Return how far a text of ours is."""
        state, code = STATES.get(posted.get("MessageStatus")), posted.get("ErrorCode")
        if state is None or not posted.get("MessageSid"):
            return None
        return Receipt(
            provider_id=posted.get("MessageSid"), state=state, ref=posted.query.get("ref", ""),
            reason=code if code.isdigit() else "", opted_out=code == OPTED_OUT,
        )  # fmt: skip
