"""Puts the API over deliveries before the room that tells other systems."""

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.wiring import Rooms
from webhooks.api.deliveries import make_webhooks_router


def webhooks_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes for other systems."""
    tokens = read_tokens(rooms.settings.api_tokens.get_secret_value())
    return (make_webhooks_router(may=ApiDoor(tokens).may, webhooks=rooms.webhooks),)
