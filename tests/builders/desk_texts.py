"""Texts behind the desk, with the simulated provider."""

from callbacks.service import Callbacks
from contacts.model import Channel, Contact
from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber
from dashboard.configuration import DeskChoices
from dashboard.desk import Desk
from dashboard.text_desk import TextDesk
from dashboard.written_desk import WrittenDesk
from sms.adapters.simulator import SimulatedProvider
from sms.routes import Route
from sms.service import Sms
from sms.wording import load_texts
from tests.architecture.tree import ROOT
from tests.integration.skills_routing.world import World


def texts_of(world: World) -> Sms:
    return Sms(
        database=world.database,
        clock=world.time,
        new_id=world.new_id,
        texts=load_texts((ROOT / "config" / "sms.yaml").read_text("utf-8")),
        own_number="0771-524 524",
        routes=(Route(provider=SimulatedProvider(world.database, world.time)),),
    )


def text_desk(world: World, sms: Sms, desk: Desk) -> TextDesk:
    return TextDesk(
        database=world.database,
        clock=world.time,
        routing=world.routing,
        contacts=world.contacts,
        texts=sms,
        person=desk.person,
    )


def written_desk(world: World, callbacks: Callbacks, choices: DeskChoices, sms: Sms) -> WrittenDesk:
    async def ring_instead(row: Contact) -> None:
        await callbacks.by_text(key=row.contact, number=PhoneNumber(row.caller), language=row.language)

    return WrittenDesk(
        database=world.database,
        routing=world.routing,
        contacts=world.contacts,
        choices=choices,
        ring_instead=ring_instead,
        texts=sms,
    )


async def writes(
    world: World, sms: Sms, text: str, *, number: str = "+46701740630", queue: str = "bostad", name: str = "w1"
) -> ContactId:
    """Have somebody write who is to be answered by a person, as the table of reactions has it."""
    await sms.receive(provider="simulator", provider_id=name, number=number, text=text)
    contact = ContactId(world.new_id("con"))
    async with world.database.transaction() as tx:
        await world.contacts.open(tx, contact=contact, channel=Channel.SMS, called="sms", caller=number)
        await world.contacts.walked(tx, contact, ("human/asked",))
    at = world.time.now()
    await world.routing.written.enter(contact, queue=queue, language=Language.SWEDISH, waiting_since=at)
    return contact
