"""Who asked before saying who they are: what was promised twice becomes one promise, and nobody takes over another's."""

import pytest

from callbacks.model import CallbackState
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.ids import AgentId, CallbackId, ContactId, LegId
from core.language import Language
from tests.fakes.clock import HandClock
from tests.integration.callbacks.asking import asks_as, hang_up, number_of, rings, row, wish

ASA = AgentId("asa")


async def who_has_two(callbacks: Callbacks, contacts: Contacts, clock: HandClock, first: str) -> list[CallbackId]:
    """One person has asked twice, on two telephones, and said once only who they are; return the promises as they were asked for."""
    mine = ("con_1", number_of(1), "per_1")
    unknown = ("con_2", number_of(2), "")
    made = []
    for asking in (mine, unknown) if first == "known" else (unknown, mine):
        made.append((await asks_as(callbacks, contacts, *asking)).callback)
        clock.pass_time(seconds=15)
    return made


@pytest.mark.parametrize("first", ["known", "unknown"])
@pytest.mark.parametrize("stand", [False, True], ids=["wait", "stand in the line"])
async def test_one_person_who_turns_out_to_have_two_has_one_at_the_better_place(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, first: str, *, stand: bool
) -> None:
    made = await who_has_two(callbacks, contacts, clock, first)
    mine, unknown = made if first == "known" else reversed(made)
    if stand:
        assert await callbacks.due() == 2
    earliest = min([(await row(callbacks, one)).first_requested_at for one in made])
    await rings(contacts, "con_3", number_of(2), person="per_1")
    found = await callbacks.open_of_contact(ContactId("con_3"))
    assert found is not None
    assert (found.callback, found.first_requested_at, found.person) == (mine, earliest, "per_1")
    over = await row(callbacks, unknown)
    assert (over.state, over.last_reason) == (CallbackState.CANCELLED, "joined")
    await hang_up(contacts, ContactId("con_3"))
    clock.pass_time(seconds=15)
    await callbacks.due()
    assert (await row(callbacks, mine)).state is CallbackState.IN_LINE


async def test_what_rings_just_now_or_an_agent_has_promised_is_not_joined(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    mine, unknown = await who_has_two(callbacks, contacts, clock, "known")
    assert await callbacks.due() == 2
    await callbacks.dial(unknown, leg=LegId("leg_1"), agent=ASA)
    found = await callbacks.open_of_contact(await rings(contacts, "con_3", number_of(2), person="per_1"))
    assert found is not None and found.callback == mine
    assert (await row(callbacks, unknown)).state is CallbackState.TAKEN


async def test_who_is_helped_and_turns_out_to_have_two_is_owed_neither(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    made = await who_has_two(callbacks, contacts, clock, "unknown")
    assert await callbacks.helped(await rings(contacts, "con_3", number_of(2), person="per_1"))
    assert [(await row(callbacks, one)).state for one in made] == [CallbackState.CANCELLED] * 2


async def test_who_has_us_ring_somebody_elses_number_does_not_take_over_what_was_promised_to_it(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    theirs = await asks_as(callbacks, contacts, "con_1", number_of(1), "")
    called = await rings(contacts, "con_2", number_of(2), person="per_1")
    await wish(contacts, called, number_of(1))
    await callbacks.on_callback_requested(contact=called, leg=None, queue="sjuk", language=Language.SWEDISH)
    assert (await row(callbacks, theirs.callback)).person is None
