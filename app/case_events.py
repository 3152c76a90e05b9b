"""Puts the way in for events of the agency's case systems before the room that takes them in."""

from fastapi import APIRouter

from app.wiring import Rooms
from cases.api.events import make_case_events_router, webhook_of
from cases.taking_in import CaseEvents


def case_events_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes; without a secret nobody is believed."""
    secret = rooms.settings.cases_events_secret.get_secret_value()
    events = CaseEvents(database=rooms.database, clock=rooms.clock)
    return (make_case_events_router(events=events, webhook=webhook_of(secret)),)
