"""Citizens who ask to be rung back, and what is answered."""

from callbacks.events import CallbackNotPossible, CallbackPromised
from callbacks.model import Callback, Policy
from callbacks.service import Callbacks
from contacts.model import Outcome
from contacts.service import Contacts
from core.ids import CallbackId, ContactId, LegId
from core.language import Language
from core.phone import parse_phone
from tests.fakes.clock import HandClock

NUMBER = "+46701740605"
POLICY = Policy(own_numbers=frozenset({"+46771524524"}))


async def arrive(contacts: Contacts, contact: str = "con_a", waits: bool = True) -> ContactId:
    async with contacts.database.transaction() as tx:
        await contacts.open(tx, contact=ContactId(contact), leg=LegId(f"leg-{contact}"), called="0771524524")
        if waits:
            await contacts.waiting(tx, ContactId(contact), "sjuk")
    return ContactId(contact)


async def ask(
    callbacks: Callbacks, contact: ContactId, number: str = NUMBER
) -> CallbackPromised | CallbackNotPossible | None:
    await wish(Contacts(database=callbacks.database, clock=HandClock()), contact, number)
    return await answer(callbacks, contact)


async def wish(contacts: Contacts, contact: ContactId, number: str = NUMBER) -> None:
    wanted = parse_phone(number)
    assert wanted
    async with contacts.database.transaction() as tx:
        await contacts.wants_callback(tx, contact, wanted)


async def answer(callbacks: Callbacks, contact: ContactId) -> CallbackPromised | CallbackNotPossible | None:
    leg = LegId(f"leg-{contact}")
    return await callbacks.on_callback_requested(
        contact=contact, leg=leg, queue="sjuk", language=Language.SWEDISH, reason="unwilling_to_wait"
    )


async def hang_up(contacts: Contacts, contact: ContactId) -> Outcome | None:
    async with contacts.database.transaction() as tx:
        return await contacts.close(tx, contact)


async def row(callbacks: Callbacks, callback: CallbackId) -> Callback:
    async with callbacks.database.reading() as tx:
        return await callbacks.get(tx, callback)
