"""Puts the API, providers' webhooks and the demonstration's handsets before the room that sends texts."""

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.switch_process import DEMO_PHONES
from app.system import new_id
from app.text_providers import webhooks_of
from app.wiring import Rooms
from core.phone import PhoneNumber
from sms.adapters.simulator import SimulatedProvider
from sms.api.handsets import make_handsets_router
from sms.api.systems import make_texts_router
from sms.api.webhooks import make_webhook_router
from storage.limits import IdempotencyKeys


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
        make_texts_router(
            may=ApiDoor(read_tokens(rooms.settings.api_tokens.get_secret_value())).may,
            sms=rooms.sms,
            keys=IdempotencyKeys(rooms.redis),
            clock=rooms.clock,
        ),
        make_webhook_router(sms=rooms.sms, hooks=webhooks_of(rooms.settings)),
    )
