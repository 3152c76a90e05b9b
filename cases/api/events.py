"""The address to which the agency's systems tell of what has happened, signed as Standard Webhooks says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from cases.errors import UnreadableEventError, UnsignedEventError
from cases.taking_in import CaseEvents
from cases.told import Told
from core.errors import ConfigurationError
from core.ids import Subject

PATH = "/api/v1/cases/events"
LARGEST = 64 * 1024
SHORTEST_SECRET = 24
"""Bytes; the least that the standard recommends."""


def webhook_of(secret: str) -> Webhook | None:
    """Return what checks signatures with a secret such as ``whsec_…``; ``None`` without one: then nothing is taken in.

    Raises :class:`ConfigurationError` for one that is no base64 or too short.
    """
    if not secret:
        return None
    try:
        decoded = binascii.a2b_base64(secret.removeprefix("whsec_") + "==")
    except ValueError:
        decoded = b""
    if len(decoded) < SHORTEST_SECRET:
        raise ConfigurationError(
            f"KC_CASES_EVENTS_SECRET has to be whsec_ and {SHORTEST_SECRET} random bytes or more in base64."
        )
    return Webhook(secret)


def make_case_events_router(*, events: CaseEvents, webhook: Webhook | None) -> APIRouter:
    """Return the route; 204 means that what was told is committed, also when it was told before."""
    router = APIRouter(include_in_schema=False)

    @router.post(PATH, status_code=204)
    async def take(request: Request) -> Response:
        body = await _read(request)
        _require_signature(webhook, body, request)
        event = _parsed(body)
        await events.take(
            told_as=request.headers["webhook-id"],
            kind=event.type,
            subject=Subject(event.data.subject),
            benefit=event.data.benefit,
            on=event.day,
            handler=event.data.handler,
        )
        return Response(status_code=204)

    return router


async def _read(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise UnsignedEventError
    return body


def _require_signature(webhook: Webhook | None, body: bytes, request: Request) -> None:
    if webhook is None:
        raise UnsignedEventError
    try:
        webhook.verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:  # a signature that is no base64 is a ValueError
        raise UnsignedEventError from error


def _parsed(body: bytes) -> Told:
    try:
        return Told.model_validate_json(body)
    except ValidationError as error:
        fields = sorted({".".join(map(str, one["loc"])) for one in error.errors(include_input=False)})
        raise UnreadableEventError(", ".join(fields)[:200]) from None
