"""Puts the API over numbers that belong to persons before the room that keeps them."""

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.wiring import Rooms
from cases.errors import CasesUnavailableError
from cases.model import CannotSee
from core.ids import Subject
from identity.api.numbers import Numbers, make_numbers_router


def numbers_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes for other systems."""
    tokens = read_tokens(rooms.settings.api_tokens.get_secret_value())

    async def reachable(digits: str) -> Subject | None:
        """Nobody with protected identity is written to; they are as unknown here as somebody who does not exist."""
        subject = await rooms.cases.locate(digits)
        person = await rooms.cases.card(subject) if subject else None
        if isinstance(person, CannotSee):
            raise CasesUnavailableError(person.reason)
        return None if person is None or person.protected else subject

    numbers = Numbers(identity=rooms.identity, bindings=rooms.bindings, reachable=reachable, clock=rooms.clock)
    return (make_numbers_router(may=ApiDoor(tokens).may, numbers=numbers),)
