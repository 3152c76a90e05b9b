"""Each of the demonstration's twelve persons rings, shows who they are, and hears what the register says of them.

It is Tuesday the 24th of November 2026. The dates and amounts are reckoned by hand from ``config/demo/persons.yaml`` and
``config/payment_days.yaml``; what the caller is to hear is written out in full.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from cases.demo_persons import DemoPerson
from contacts.model import Outcome
from storage.database import Database
from telephony.simulator.phone import SimulatedPhone
from tests.integration.ivr.world import PERSONS, World

NO_PAYMENT = "Vi ser ingen planerad utbetalning till dig just nu."
NO_CASE = "Vi ser inget öppet ärende hos oss just nu."
MONEY_QUESTION, CASE_QUESTION = "1", "2"


@dataclass(frozen=True)
class Told:
    """What somebody hears of their money, and of their matters; all of it, in this order."""

    money: tuple[str, ...]
    case: tuple[str, ...]
    english: bool = False


def pays(what: str, when: str, amount: str = "") -> str:
    return f"Din nästa utbetalning av {what} kommer {when}." + (f" Beloppet är {amount} kronor." if amount else "")


TOLD = {
    # on the benefit's own days, with the amount
    "demo-01": Told((pays("barnbidrag", "fredag den artonde december", "ettusen tvåhundrafemtio"),), (NO_CASE,)),
    # the amount may not be told
    "demo-02": Told(
        (pays("barnbidrag", "fredag den artonde december"),),
        (
            "Vi arbetar med ditt ärende om föräldrapenning. Vi räknar med att besluta senast söndag den sjätte december.",
        ),
    ),
    # three payments, the earliest first; föräldrapenning comes by the day of birth, the 20th
    "demo-03": Told(
        (
            pays("föräldrapenning", "torsdag den tjugosjätte november", "fjortontusen åttahundratjugo"),
            pays("barnbidrag", "fredag den artonde december", "tvåtusen femhundra"),
            pays("flerbarnstillägg", "fredag den artonde december", "etthundrafemtio"),
        ),
        (
            "I ditt ärende om bostadsbidrag behöver vi något mer för att kunna besluta. "
            "Det vi väntar på är hyresavi, uppgift om din inkomst i år.",
        ),
    ),
    # on the person's own date, in six days
    "demo-04": Told(
        (
            pays(
                "tillfällig föräldrapenning (vab)",
                "måndag den trettionde november",
                "tretusen tvåhundrasjuttiosex",
            ),
        ),
        (
            "Vi har fått in ditt ärende om underhållsstöd. "
            "Vi räknar med att besluta senast torsdag den tjugofjärde december.",
        ),
    ),
    # without an amount, and something is missing
    "demo-05": Told(
        (pays("sjukpenning", "lördag den tjugoåttonde november"),),
        ("I ditt ärende om sjukpenning behöver vi något mer för att kunna besluta. Det vi väntar på är läkarintyg.",),
    ),
    # decided
    "demo-06": Told(
        (pays("sjukersättning", "lördag den femte december", "tolvtusen fyrahundraåttio"),),
        ("Vi beslutade i ditt ärende om sjukersättning torsdag den nittonde november. Beslutet skickas hem till dig.",),
    ),
    # nothing at all
    "demo-07": Told((NO_PAYMENT,), (NO_CASE,)),
    # protected: hears their own matters as everybody does; the decision is expected next year
    "demo-08": Told(
        (pays("bostadsbidrag", "fredag den tjugosjunde november", "tvåtusen etthundra"),),
        ("Vi arbetar med ditt ärende om bostadsbidrag. Vi räknar med att besluta senast söndag den tredje januari.",),
    ),
    # in English; November's day has passed
    "demo-09": Told(
        (
            "Your next payment of activity compensation comes on Friday the eighteenth of December. "
            "The amount is ten thousand seven hundred and fifty kronor.",
        ),
        (
            "We are working on your case about activity compensation. "
            "We expect to decide by Sunday the seventh of February.",
        ),
        english=True,
    ),
    # no payment yet, and nobody knows when the decision comes
    "demo-10": Told(
        (NO_PAYMENT,),
        ("Vi har fått in ditt ärende om bostadstillägg. Det väntar på att vi ska börja med det.",),
    ),
    # over a hundred years old: twelve digits
    "demo-11": Told(
        (pays("bostadstillägg", "torsdag den tredje december", "femtusen trehundrafyrtio"),),
        ("Vi beslutade i ditt ärende om bostadstillägg onsdag den fjärde november. Beslutet skickas hem till dig.",),
    ),
    # a coordination number; several matters
    "demo-12": Told(
        (pays("barnbidrag", "fredag den artonde december", "ettusen tvåhundrafemtio"),),
        (
            "Vi har fått in ditt ärende om föräldrapenning. "
            "Vi räknar med att besluta senast lördag den nittonde december.",
            "Vi beslutade i ditt ärende om barnbidrag tisdag den tionde november. Beslutet skickas hem till dig.",
        ),
    ),
}


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    world = World(database, redis)
    await world.start()
    await world.codes(PERSONS)
    yield world
    await world.stop()


def test_there_are_twelve_persons_and_each_has_a_story() -> None:
    assert [person.subject for person in PERSONS] == list(TOLD)
    assert len(TOLD) == 12


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.name)
async def test_each_hears_of_their_money_and_of_their_matters(world: World, person: DemoPerson) -> None:
    told = TOLD[person.subject]
    phone = await world.call()
    contact = await world.the_contact()
    if told.english:
        await world.press(phone, "8")
    await world.press(phone, MONEY_QUESTION, person.personnummer, person.code)
    assert answers(phone) == told.money
    await world.pass_time(1)
    heard_before = len(phone.heard)
    await world.press(phone, "1", CASE_QUESTION)  # something more, and no need to say who one is again
    assert answers(phone, since=heard_before) == told.case
    await world.pass_time(1)
    await world.press(phone, "2")
    assert phone.ended is not None
    row = await world.get(contact)
    assert (row.outcome, row.level, row.subject) == (Outcome.SELF_SERVED, 2, person.subject)


def answers(phone: SimulatedPhone, *, since: int = 0) -> tuple[str, ...]:
    """Return what was said of somebody's own matters."""
    own = ("Din nästa", "Your next", "Vi ser ing", "Vi ser inget", "Vi arbetar", "We are working", "I ditt ärende")
    own += ("Vi har fått in ditt", "Vi beslutade", "Vi har beslutat")
    return tuple(text for text in phone.heard[since:] if text.startswith(own))
