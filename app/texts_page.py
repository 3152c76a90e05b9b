"""Puts the API, providers' webhooks and the demonstration's handsets before the room that sends texts."""

from datetime import timedelta

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.switch_process import DEMO_PHONES
from app.system import new_id
from app.text_providers import webhooks_of
from app.wiring import Rooms
from cases.events import CaseEventKind
from cases.model import CannotSee
from cases.taking_in import CaseEvents
from core.phone import PhoneNumber
from identity.binding import Binding
from sms.adapters.simulator import SimulatedProvider
from sms.api.handsets import Happenings, make_handsets_router
from sms.api.systems import make_texts_router
from sms.api.webhooks import make_webhook_router
from storage.limits import IdempotencyKeys

HAPPENINGS = {
    CaseEventKind.PAYMENT_CHANGED: "Pengarna kommer en annan dag",
    CaseEventKind.DECIDED: "Ett beslut är klart",
    CaseEventKind.MISSING: "Något saknas",
    CaseEventKind.SICK_SINCE: "Sjukskriven i två månader",
}
_AHEAD = {CaseEventKind.PAYMENT_CHANGED: timedelta(days=3), CaseEventKind.SICK_SINCE: timedelta(days=-60)}
"""How far ahead the day of each is that has one."""
_BENEFITS = {CaseEventKind.SICK_SINCE: "sjukpenning"}
_HANDLER = "lena"
BENEFIT = "barnbidrag"


def texts_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes over texts; the handsets answer in the demonstration only."""
    return (
        make_handsets_router(
            sms=rooms.sms,
            simulated=SimulatedProvider(rooms.database, rooms.clock),
            numbers=[PhoneNumber(number) for number in DEMO_PHONES.values()],
            new_id=new_id,
            demo=rooms.settings.demo,
            happenings=_happenings(rooms),
        ),
        make_texts_router(
            may=ApiDoor(read_tokens(rooms.settings.api_tokens.get_secret_value())).may,
            sms=rooms.sms,
            keys=IdempotencyKeys(rooms.redis),
            clock=rooms.clock,
        ),
        make_webhook_router(sms=rooms.sms, hooks=webhooks_of(rooms.settings)),
    )


def _happenings(rooms: Rooms) -> Happenings:
    events = CaseEvents(database=rooms.database, clock=rooms.clock)

    async def whose(number: PhoneNumber) -> Binding | None:
        async with rooms.database.reading() as tx:
            found = await rooms.bindings.owner(tx, number)
        return found if isinstance(found, Binding) else None

    async def owner(number: PhoneNumber) -> str:
        one = await whose(number)
        card = await rooms.cases.card(one.subject) if one else None
        return "" if card is None or isinstance(card, CannotSee) or card.protected else card.name

    async def happen(number: PhoneNumber, what: str) -> None:
        one, kind = await whose(number), CaseEventKind(what)
        if one is not None:
            on = rooms.cases.today() + _AHEAD[kind] if kind in _AHEAD else None
            benefit, handler = _BENEFITS.get(kind, BENEFIT), _HANDLER if kind is CaseEventKind.SICK_SINCE else ""
            await events.take(
                told_as=new_id("demo"), kind=kind, subject=one.subject, benefit=benefit, on=on, handler=handler
            )

    return Happenings(names={kind.value: name for kind, name in HAPPENINGS.items()}, owner=owner, happen=happen)
