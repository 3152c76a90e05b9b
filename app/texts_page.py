"""Puts the demonstration's handsets before the room that sends texts."""

from fastapi import APIRouter

from app.switch_process import DEMO_PHONES
from app.system import new_id
from app.wiring import Rooms
from core.phone import PhoneNumber
from sms.adapters.simulator import SimulatedProvider
from sms.api.handsets import make_handsets_router


def texts_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes over texts; the handsets answer in the demonstration only."""
    return (
        make_handsets_router(
            sms=rooms.sms,
            simulated=SimulatedProvider(rooms.database, rooms.clock),
            numbers=[PhoneNumber(number) for number in DEMO_PHONES.values()],
            new_id=new_id,
            demo=rooms.settings.demo,
        ),
    )
