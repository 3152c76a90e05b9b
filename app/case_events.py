"""Puts the ways in for events of the agency's case systems before the room that takes them in: told to us, or asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from app.wiring import Rooms
from cases.adapters.http import HttpRegister
from cases.api.events import make_case_events_router, webhook_of
from cases.polling import Polling
from cases.taking_in import CaseEvents


def case_events_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes; without a secret nobody is believed."""
    secret = rooms.settings.cases_events_secret.get_secret_value()
    events = CaseEvents(database=rooms.database, clock=rooms.clock)
    return (make_case_events_router(events=events, webhook=webhook_of(secret)),)


@asynccontextmanager
async def polling_of(rooms: Rooms) -> AsyncIterator[Polling | None]:
    """Make what asks for events, with a way to the systems of its own: what fails there stops no answer to a caller."""
    settings = rooms.settings
    if not (settings.cases_events_poll and settings.cases_url):
        yield None
        return
    token = settings.cases_token.get_secret_value()
    async with HttpRegister(url=settings.cases_url, token=token, clock=rooms.clock) as feed:
        events = CaseEvents(database=rooms.database, clock=rooms.clock)
        yield Polling(feed=feed, events=events, database=rooms.database, clock=rooms.clock, holder=rooms.process_id)
