"""Citizens who ask to be rung back, and what is answered."""

from typing import Any

from callbacks.events import CallbackNotPossible, CallbackPromised
from callbacks.model import Callback, Policy
from callbacks.service import Callbacks
from contacts.model import Outcome
from contacts.service import Contacts
from core.ids import CallbackId, ContactId, LegId, PersonId
from core.language import Language
from core.phone import parse_phone
from tests.fakes.clock import HandClock

NUMBER = "+46701740605"
POLICY = Policy(own_numbers=frozenset({"+46771524524"}))


async def arrive(contacts: Contacts, contact: str = "con_a", waits: bool = True, caller: str = "") -> ContactId:
    async with contacts.database.transaction() as tx:
        await contacts.open(
            tx, contact=ContactId(contact), leg=LegId(f"leg-{contact}"), called="0771524524", caller=caller
        )
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


async def promised(
    callbacks: Callbacks, contacts: Contacts, contact: str = "con_a", number: str = NUMBER, **wanted: Any
) -> CallbackId:
    """Somebody asks, is promised, and puts the receiver down."""
    arrived = await arrive(contacts, contact)
    await wish(contacts, arrived, number)
    fact = await callbacks.on_callback_requested(
        contact=arrived, leg=None, queue=wanted.pop("queue", "sjuk"), language=Language.SWEDISH, **wanted
    )
    await hang_up(contacts, arrived)
    assert isinstance(fact, CallbackPromised), fact
    return fact.callback


async def in_line(callbacks: Callbacks, contacts: Contacts, contact: str = "con_a", number: str = NUMBER) -> CallbackId:
    """Somebody is promised, and the promise stands in the line."""
    callback = await promised(callbacks, contacts, contact, number)
    assert await callbacks.due(only=callback) == 1
    return callback


async def rings(contacts: Contacts, contact: str, number: str = NUMBER, person: str = "") -> ContactId:
    """Somebody is in a call with us."""
    async with contacts.database.transaction() as tx:
        await contacts.open(tx, contact=ContactId(contact), leg=LegId(f"leg-{contact}"), caller=number)
        if person:
            await contacts.identified(tx, ContactId(contact), person=PersonId(person), subject=None, level=2)
    return ContactId(contact)


async def asks_as(callbacks: Callbacks, contacts: Contacts, contact: str, number: str, person: str) -> CallbackPromised:
    """Somebody rings, says who they are or not, asks to be rung back, and hangs up."""
    called = await rings(contacts, contact, number, person=person)
    await wish(contacts, called, number)
    fact = await callbacks.on_callback_requested(contact=called, leg=None, queue="sjuk", language=Language.SWEDISH)
    await hang_up(contacts, called)
    assert isinstance(fact, CallbackPromised)
    return fact


def number_of(index: int) -> str:
    """A different number each time, of the series for fiction."""
    return f"+4670174{605 + index:04d}"
