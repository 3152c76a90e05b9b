"""Whoever a fault of ours cut off in the line or in a talk is rung back, and nobody else is."""

import pytest

from callbacks.model import Policy
from callbacks.service import Callbacks
from contacts.model import Outcome
from contacts.service import Contacts
from core.ids import AgentId, ContactId, LegId
from storage.database import Database
from tests.fakes.clock import CountingIds, HandClock

NUMBER = "+46701740605"
CONTACT = ContactId("con_a")
RESTART, UNSEEN = "switch_restart", "hangup_unseen"


@pytest.fixture
def contacts(database: Database) -> Contacts:
    return Contacts(database=database, clock=HandClock())


@pytest.fixture
def callbacks(database: Database, contacts: Contacts) -> Callbacks:
    return Callbacks(database=database, clock=HandClock(), new_id=CountingIds(), contacts=contacts, policy=Policy())


async def cut_off(contacts: Contacts, *, fault: str, waits: bool = True, talks: bool = False, caller: str = NUMBER):
    async with contacts.database.transaction() as tx:
        await contacts.open(tx, contact=CONTACT, leg=LegId("leg"), called="0771524524", caller=caller)
        if waits:
            await contacts.waiting(tx, CONTACT, "sjuk")
        if talks:
            await contacts.connected(tx, CONTACT, AgentId("asa"))
        return await contacts.close(tx, CONTACT, fault=fault)


async def listed(callbacks: Callbacks) -> list[tuple[str, str, str]]:
    async with callbacks.database.reading() as tx:
        return [(one.number.e164, one.queue, one.reason) for one in await callbacks.waiting(tx)]


@pytest.mark.parametrize("fault", [RESTART, UNSEEN])
async def test_one_who_waited_is_rung_back_once_and_the_outcome_stays(callbacks, contacts, fault) -> None:
    outcome = await cut_off(contacts, fault=fault)
    for _ in range(2):  # a fact may be told twice
        await callbacks.recover(CONTACT, outcome=outcome, fault=fault)
    assert await listed(callbacks) == [(NUMBER, "sjuk", "cut_off")]
    async with contacts.database.reading() as tx:
        assert (await contacts.get(tx, CONTACT)).outcome is Outcome.LOST_TECHNICAL


async def test_one_who_talked_when_the_switch_died_is_rung_back(callbacks, contacts) -> None:
    outcome = await cut_off(contacts, fault=RESTART, talks=True)
    await callbacks.recover(CONTACT, outcome=outcome, fault=RESTART)
    assert outcome is Outcome.LOST_TECHNICAL
    assert await listed(callbacks) == [(NUMBER, "sjuk", "cut_off")]


@pytest.mark.parametrize(
    "case",
    [
        {"fault": UNSEEN, "talks": True},  # most likely they were done, and hung up
        {"fault": RESTART, "waits": False},  # only asked the machine
        {"fault": RESTART, "caller": ""},  # withheld
        {"fault": RESTART, "caller": "0900123456"},  # a pay number
        {"fault": ""},  # nobody's fault: they hung up
    ],
)
async def test_others_are_left_be(callbacks, contacts, case) -> None:
    outcome = await cut_off(contacts, **case)
    assert await callbacks.recover(CONTACT, outcome=outcome, fault=case["fault"]) is None
    assert await listed(callbacks) == []
