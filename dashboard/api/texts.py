"""Texts over HTTP, for agents: the thread of whom they talk with, and their answer."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core.clock import Clock
from core.ids import ContactId
from dashboard.api.guard import Guard
from dashboard.sessions import Session
from dashboard.text_desk import TextDesk
from dashboard.text_ports import Rate, Rates
from dashboard.text_views import ProviderRatesView, RateView, ThreadView

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]


class WrittenText(BaseModel):
    """What an agent wrote; ``key`` is new for each text, and the same when the page sends it again."""

    key: str = Field(pattern=r"^[A-Za-z0-9-]{8,40}$")
    text: str = Field(max_length=1_000, repr=False)


def make_texts_router(*, guard: Guard, desk: TextDesk) -> APIRouter:
    """Return the routes of texts at the desk."""
    router = APIRouter(prefix="/api/contacts", tags=["texts"])
    agent = Depends(guard.agent)

    @router.get("/{contact}/texts")
    async def thread(me: Annotated[Session, agent], contact: Id) -> ThreadView:
        return await desk.thread(me.agent, ContactId(contact))

    @router.post("/{contact}/texts", status_code=204)
    async def write(me: Annotated[Session, agent], contact: Id, written: WrittenText) -> None:
        await desk.write(me.agent, ContactId(contact), key=written.key, text=written.text)

    return router


def make_text_rates_router(*, guard: Guard, rates: Rates, clock: Clock) -> APIRouter:
    """Return the route by which supervisors see how the providers of texts do: never how an agent does."""
    router = APIRouter(prefix="/api/texts", tags=["texts"])

    @router.get("/rates", dependencies=[Depends(guard.supervisor)])
    async def shown() -> list[ProviderRatesView]:
        now, health = clock.now(), await rates.health()
        hour = {one.provider: one for one in await rates.rates(since=now - timedelta(hours=1))}
        return [
            ProviderRatesView(
                provider=one.provider,
                share=health[one.provider].share,
                hour=_rate(hour[one.provider]),
                day=_rate(one),
            )
            for one in await rates.rates(since=now - timedelta(days=1))
        ]

    return router


def _rate(one: Rate) -> RateView:
    return RateView(
        accepted=one.accepted, delivered=one.delivered, failed=one.failed, unclear=one.unclear,
        median_seconds=one.median_seconds,
    )  # fmt: skip
