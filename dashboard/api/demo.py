"""The telephones of the demonstration. These routes are there only when the demonstration is on."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.phone import grouped, parse_phone
from dashboard.api.events import EventStream, ServerEvent
from dashboard.api.guard import Guard
from dashboard.phone_leases import AFTER_CLOSING, PhoneLeases
from dashboard.ports import DemoPhone, DemoPhones, PhoneButtons, SipAccount
from dashboard.views import DemoView, PhoneView
from telephony.phone_feed import feed_of

log = structlog.get_logger()
PhoneName = Annotated[str, Path(pattern=r"^phone-[1-9][0-9]?$")]


class Dialled(BaseModel):
    """A number to ring."""

    number: str = Field(min_length=1, max_length=40)


class Keys(BaseModel):
    """Keys of the number pad, in the order in which they were pressed."""

    keys: str = Field(pattern=r"^[0-9*#]{1,32}$", repr=False)


def make_no_demo_router() -> APIRouter:
    """Return the one route that tells that there is no demonstration here."""
    router = APIRouter(prefix="/api", tags=["demo"])

    @router.get("/demo")
    async def none() -> DemoView:
        return DemoView(demo=False)

    return router


def make_demo_router(
    *,
    guard: Guard,
    numbers: Mapping[str, str],
    phones: DemoPhones,
    buttons: PhoneButtons | None,
    leases: PhoneLeases,
    about: DemoView,
    blocking: Callable[[], Redis],
) -> APIRouter:
    """Return the routes of the demonstration's telephones: ``numbers`` is name → own number (E.164).

    ``buttons`` are there when the telephones have no sound; else the browser has buttons of its own. A page that gets a telephone also gets a cookie that is sent to that telephone's routes alone, so that several
    tabs have one each and nobody has another's.
    """
    router = APIRouter(prefix="/api/demo", tags=["demo"])

    @router.get("")
    async def what() -> DemoView:
        return about

    @router.post("/phones/lease")
    async def lease(request: Request, response: Response) -> PhoneView:
        guard.require_own_page(request)
        name, key = await leases.take()
        secure = guard.secure_cookie
        path = f"/api/demo/phones/{name}"
        response.set_cookie(_cookie(name), key, httponly=True, samesite="strict", secure=secure, path=path)
        phone = DemoPhone(name=name, number=numbers[name])
        return _shown(phone, await phones.issue(phone))

    @router.get("/phones/{phone}/heard", response_class=EventStream)
    async def heard(request: Request, phone: PhoneName) -> EventStream:
        key = request.cookies.get(_cookie(phone), "")
        await leases.keep(phone, key)
        return EventStream(_heard(blocking, leases, DemoPhone(name=phone, number=numbers[phone]), key, buttons))

    async def own_phone(request: Request, phone: PhoneName) -> str:
        guard.require_own_page(request)
        await leases.keep(phone, request.cookies.get(_cookie(phone), ""))
        return numbers[phone]

    if buttons is not None:
        _add_buttons(router, buttons, Depends(own_phone))
    return router


def _add_buttons(router: APIRouter, buttons: PhoneButtons, own_phone: Any) -> None:
    @router.post("/phones/{phone}/call", status_code=204)
    async def call(phone: Annotated[str, own_phone], dialled: Dialled) -> None:
        await buttons.call(phone, dialled.number)

    @router.post("/phones/{phone}/answer", status_code=204)
    async def answer(phone: Annotated[str, own_phone]) -> None:
        await buttons.answer(phone)

    @router.post("/phones/{phone}/press", status_code=204)
    async def press(phone: Annotated[str, own_phone], pressed: Keys) -> None:
        await buttons.press(phone, pressed.keys)

    @router.post("/phones/{phone}/hang-up", status_code=204)
    async def hang_up(phone: Annotated[str, own_phone]) -> None:
        await buttons.hang_up(phone)


def _shown(phone: DemoPhone, account: SipAccount | None) -> PhoneView:
    number = parse_phone(phone.number)
    shown = grouped(number) if number else phone.number
    if account is None:
        return PhoneView(phone=phone.name, number=shown, mode="simulator")
    return PhoneView(
        phone=phone.name, number=shown, mode="sip", uri=account.uri, password=account.password, ws_url=account.ws_url
    )


def _cookie(phone: str) -> str:
    return f"kc_{phone.replace('-', '_')}"


async def _heard(
    blocking: Callable[[], Redis], leases: PhoneLeases, phone: DemoPhone, key: str, buttons: PhoneButtons | None
) -> AsyncGenerator[ServerEvent, None]:
    """Yield what the telephone hears, and keep it for its page for as long as the page is there."""
    client = blocking()
    loop = asyncio.get_running_loop()
    try:
        async with client.pubsub() as ear:
            await ear.subscribe(feed_of(phone.number))
            next_sign = 0.0
            while True:
                if loop.time() >= next_sign:
                    next_sign = loop.time() + leases.seconds / 3
                    await leases.keep(phone.name, key)
                    yield ServerEvent(event="ping")
                message = await ear.get_message(ignore_subscribe_messages=True, timeout=next_sign - loop.time())
                if message is not None:
                    yield ServerEvent(event="heard", data=json.loads(message["data"]))
    finally:
        await client.aclose()
        tidying = asyncio.create_task(_put_down(leases, phone, key, buttons))
        _tidying.add(tidying)
        tidying.add_done_callback(_tidying.discard)


_tidying: set["asyncio.Task[None]"] = set()


async def _put_down(leases: PhoneLeases, phone: DemoPhone, key: str, buttons: PhoneButtons | None) -> None:
    """Put the receiver down when the page does not come back: one who closes the page has hung up."""
    try:
        await leases.loosen(phone.name, key)
        await asyncio.sleep(AFTER_CLOSING + 0.5)
        if buttons is not None and await leases.is_free(phone.name):
            await buttons.hang_up(phone.number)
    except UnavailableError as error:
        log.warning("a telephone of the demonstration was left as it was", phone=phone.name, error=type(error).__name__)
