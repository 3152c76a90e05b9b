"""Puts the API for other systems and the citizen's page of a promise before the room that keeps promises."""

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.wiring import Rooms
from callbacks.api.page import PAGE, make_page_router
from callbacks.api.pages import Pages, Says
from callbacks.api.systems import make_systems_router
from citizen_pages.links import Links
from core.phone import grouped, parse_phone
from storage.limits import IdempotencyKeys, RateLimit

PAGES_A_MINUTE = 60


def links_of(rooms: Rooms) -> Links:
    """Return what signs the links to citizens' pages."""
    settings = rooms.settings
    key = settings.session_secret.get_secret_value()
    return Links(about="callback", page=PAGE, signing_key=key, base_url=settings.base_url)


def callbacks_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes over the promises to ring back that are not the desk's."""
    settings, callbacks = rooms.settings, rooms.callbacks
    links = links_of(rooms)
    number = parse_phone(settings.national_number)
    says = Says(
        number=grouped(number) if number else settings.national_number,
        most_attempts=lambda: callbacks.policy.most_attempts,
        minutes_between=lambda: int(callbacks.policy.between_attempts.total_seconds() // 60),
    )
    return (
        make_systems_router(
            may=ApiDoor(read_tokens(settings.api_tokens.get_secret_value())).may,
            callbacks=rooms.callbacks,
            keys=IdempotencyKeys(rooms.redis),
            links=links,
            queues=lambda: rooms.configuration.routing.queues.keys(),
        ),
        make_page_router(
            callbacks=rooms.callbacks,
            links=links,
            pages=Pages(links=links, clock=rooms.clock, says=says),
            limit=RateLimit(rooms.redis, name="callback_page", most=PAGES_A_MINUTE),
            clock=rooms.clock,
        ),
    )
