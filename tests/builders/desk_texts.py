"""Texts behind the desk, with the simulated provider."""

from dashboard.desk import Desk
from dashboard.text_desk import TextDesk
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
