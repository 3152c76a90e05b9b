"""Where providers tell us of texts: from citizens, and what became of ours. A 2xx is said after the commit only (I-28)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.formparsers import FormParser, MultiPartException

from core.errors import UnavailableError
from sms.ports import Posted, Webhook
from sms.service import Sms

PREFIX = "/webhooks/sms"
PUBLIC_ROUTES = {
    (
        "POST",
        f"{PREFIX}/{{provider}}/texts",
    ): "a provider brings a text: by its signature, or the secret of the address",
    ("POST", f"{PREFIX}/{{provider}}/receipts"): "a provider tells what became of a text: by signature or secret",
}
"""The routes of this file, each with the reason why it needs no log-in."""

LONGEST_SECONDS = 1.8
"""Providers take us for dead after some seconds; what we have not done by then they bring again."""

AT_ONCE = 8
"""So many are written down at the same time. Receipts come in floods, and connections to the database must be left over
for those who send and for the desks."""

LARGEST = 64 * 1024
MOST_FIELDS = 200

log = structlog.get_logger()

_Take = Callable[[Webhook, Posted], Awaitable[None]]


class _TooLargeError(Exception):
    """The request is larger than any text."""


def make_webhook_router(*, sms: Sms, hooks: Sequence[Webhook]) -> APIRouter:
    """Return the routes that providers post to. No error has a body: some providers would send it to the citizen."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    known = {hook.name: hook for hook in hooks}
    turns = asyncio.Semaphore(AT_ONCE)

    async def take_text(hook: Webhook, posted: Posted) -> None:
        if (one := hook.text(posted)) is not None:
            await sms.receive(provider=hook.name, provider_id=one.provider_id, number=one.number, text=one.text)

    async def take_receipt(hook: Webhook, posted: Posted) -> None:
        if (one := hook.receipt(posted)) is not None:
            await sms.receipt(
                provider=hook.name, provider_id=one.provider_id, state=one.state, ref=one.ref, reason=one.reason,
                opted_out=one.opted_out,
            )  # fmt: skip

    @router.post("/{provider}/texts")
    async def texts(request: Request, provider: str) -> Response:
        return await _answered(request, known.get(provider), take_text, turns)

    @router.post("/{provider}/receipts")
    async def receipts(request: Request, provider: str) -> Response:
        return await _answered(request, known.get(provider), take_receipt, turns)

    return router


async def _answered(request: Request, hook: Webhook | None, take: _Take, turns: asyncio.Semaphore) -> Response:
    if hook is None:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            posted = await _posted(request)
            if not hook.is_genuine(posted):
                log.warning("sms.not_genuine", provider=hook.name)
                return Response(status_code=HTTPStatus.FORBIDDEN)
            async with turns:
                await take(hook, posted)
    except _TooLargeError:
        return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except MultiPartException:
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    except (UnavailableError, TimeoutError) as error:
        log.warning("sms.webhook_put_off", provider=hook.name, reason=type(error).__name__)
        return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(hook.answer, media_type=hook.media_type)


async def _posted(request: Request) -> Posted:
    """Return the request as it came: what was signed is the raw path, the raw query and every field, blank ones too."""
    form = await FormParser(request.headers, _limited(request), max_fields=MOST_FIELDS).parse()
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["raw_path"].decode("latin-1")
    return Posted(
        target=f"{path}?{query}" if query else path,
        headers=dict(request.headers),
        query=dict(request.query_params),
        form=[(name, value) for name, value in form.multi_items() if isinstance(value, str)],
    )


async def _limited(request: Request) -> AsyncGenerator[bytes]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise _TooLargeError
        yield part
