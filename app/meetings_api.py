"""Puts the API for other systems before the room that books meetings."""

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.wiring import Rooms
from cases.errors import CasesUnavailableError
from cases.model import CannotSee
from core.ids import ContactId, PersonId
from meetings.api.systems import make_systems_router
from storage.limits import IdempotencyKeys


def meetings_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes over meetings for other systems."""
    tokens = read_tokens(rooms.settings.api_tokens.get_secret_value())

    async def who_is(contact: ContactId) -> tuple[PersonId | None, bool]:
        """Whoever may be protected and cannot be looked up just now is not booked: their place must not be told."""
        async with rooms.database.reading(short=True) as tx:
            row = await rooms.contacts.get(tx, contact)
        person = await rooms.cases.card(row.subject) if row.subject else None
        if isinstance(person, CannotSee):
            raise CasesUnavailableError(person.reason)
        return row.person, person is not None and person.protected

    keys = IdempotencyKeys(rooms.redis)
    return (make_systems_router(may=ApiDoor(tokens).may, meetings=rooms.meetings, keys=keys, who_is=who_is),)
