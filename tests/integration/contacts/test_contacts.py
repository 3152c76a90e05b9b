"""One row and one outcome per contact, whatever comes, how often, and in which order."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from contacts import ledger, store
from contacts.errors import ContactNotFoundError, WrapUpNotPossibleError
from contacts.events import ContactEnded, ContactOpened, ContactWrappedUp
from contacts.model import Channel, Outcome, State, TalkEnd
from contacts.service import Contacts
from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId, Subject
from core.language import Language
from storage.database import Database
from tests.fakes.clock import START, HandClock

ONE = ContactId("con_1")
ASA, BO = AgentId("asa"), AgentId("bo")
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def contacts(database: Database, clock: HandClock) -> Contacts:
    return Contacts(database=database, clock=clock)


@pytest.fixture
def told(database: Database) -> list[Event]:
    facts: list[Event] = []
    database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    return facts


async def arrive(contacts: Contacts, contact: ContactId = ONE, leg: str = "1700000000.1") -> None:
    async with contacts.database.transaction() as tx:
        await contacts.open(
            tx, contact=contact, leg=LegId(leg), called="0771524524", caller="+46701740605", display_name="Å\x00sa\n<b>"
        )


async def test_a_contact_is_kept_and_told_from_its_first_second(contacts: Contacts, told: list[Event]) -> None:
    await arrive(contacts)
    async with contacts.database.reading() as tx:
        found = await contacts.by_leg(tx, LegId("1700000000.1"))
        assert found == await contacts.get(tx, ONE)
    assert found is not None and found.state is State.SELF_SERVICE and found.opened_at == START
    assert found.display_name == "Åsa <b>"
    assert told == [ContactOpened(occurred_at=START, contact=ONE, channel=Channel.VOICE, leg=LegId("1700000000.1"))]


async def test_opening_twice_makes_one_contact(contacts: Contacts, told: list[Event]) -> None:
    await arrive(contacts)
    await arrive(contacts)
    assert len(told) == 1


async def test_hostile_text_of_any_length_is_kept_short_and_clean(contacts: Contacts) -> None:
    async with contacts.database.transaction() as tx:
        long = "\x1b\u202e" + "9" * 100_000 + "\ud800"
        opened = await contacts.open(tx, contact=ONE, called=long, caller=long, display_name=long)
    assert (len(opened.called), len(opened.caller), len(opened.display_name)) == (40, 40, 80)


async def test_a_call_that_is_answered_by_an_agent_leaves_its_whole_story(
    contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.identified(tx, ONE, person=PersonId("per_x"), subject=Subject("demo-01"), level=2)
        await contacts.walked(tx, ONE, ("welcome", "main"), language=Language.ENGLISH)
        assert await contacts.answer_given(tx, ONE, "payment", "barnbidrag")
        clock.pass_time(seconds=30)
        assert await contacts.waiting(tx, ONE, "foralder", waiting_since=START)
        clock.pass_time(seconds=60)
        assert await contacts.connected(tx, ONE, ASA)
        assert await contacts.talk_ended(tx, ONE, "agent")
        assert await contacts.close(tx, ONE) is Outcome.ANSWERED
        await contacts.wrapped_up(tx, ONE, ASA, "fraga_besvarad", "Rad ett\nrad två\x07")
    async with contacts.database.reading() as tx:
        row = await contacts.get(tx, ONE)
        steps = await contacts.timeline(tx, ONE)
    assert (row.language, row.person, row.level, row.path) == (Language.ENGLISH, "per_x", 2, ("welcome", "main"))
    assert (row.queue, row.waiting_since, row.agent) == ("foralder", START, ASA)
    assert (row.talk_ended_by, row.outcome, row.note) == (TalkEnd.AGENT, Outcome.ANSWERED, "Rad ett\nrad två")
    assert [step.what for step in steps] == [
        "arrived", "identified", "answer_given", "waiting", "connected", "talk_ended", "ended", "wrapped_up"
    ]  # fmt: skip
    assert [type(fact) for fact in told] == [ContactOpened, ContactEnded, ContactWrappedUp]


async def test_a_caller_who_wanted_a_human_and_then_heard_an_answer_has_served_themselves(contacts: Contacts) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.waiting(tx, ONE, "sjuk")
        await contacts.left_line(tx, ONE, "self_service")
        assert (await contacts.get(tx, ONE)).wants_human
        await contacts.answer_given(tx, ONE, "payment", "barnbidrag")
        assert await contacts.close(tx, ONE) is Outcome.SELF_SERVED


async def test_a_returned_caller_keeps_the_time_since_when_they_wait(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.waiting(tx, ONE, "sjuk", waiting_since=START)
        await contacts.connected(tx, ONE, ASA)
        clock.pass_time(minutes=3)
        await contacts.talk_ended(tx, ONE, TalkEnd.FAULT)
        await contacts.waiting(tx, ONE, "sjuk", waiting_since=clock.now())
        assert (await contacts.get(tx, ONE)).waiting_since == START
        await contacts.connected(tx, ONE, BO)
        assert await contacts.close(tx, ONE) is Outcome.ANSWERED


async def test_an_outcome_never_changes(contacts: Contacts, told: list[Event]) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        assert await contacts.close(tx, ONE) is Outcome.ABANDONED
    async with contacts.database.transaction() as tx:
        assert await contacts.close(tx, ONE, fault="switch_restart") is Outcome.ABANDONED
        assert not await contacts.connected(tx, ONE, ASA)
        assert not await contacts.talk_ended(tx, ONE, "citizen")
        assert not await contacts.promised(tx, ONE, CallbackId("cbk_1"))
        assert not await contacts.answer_given(tx, ONE, "payment")
        assert not await contacts.waiting(tx, ONE, "sjuk")
        row = await contacts.get(tx, ONE)
        assert (row.outcome, row.fault, row.agent, row.callback) == (Outcome.ABANDONED, "", None, None)
        # what came late is still seen in the timeline
        assert "connected" in [step.what for step in await contacts.timeline(tx, ONE)]
    assert [type(fact) for fact in told].count(ContactEnded) == 1


async def test_ten_who_end_the_same_contact_at_once_agree(contacts: Contacts, told: list[Event]) -> None:
    await arrive(contacts)

    async def close(fault: str) -> Outcome:
        async with contacts.database.transaction() as tx:
            return await contacts.close(tx, ONE, fault=fault)

    outcomes = await asyncio.gather(*(close("" if number % 2 else "switch_restart") for number in range(10)))
    assert len(set(outcomes)) == 1
    assert [type(fact) for fact in told].count(ContactEnded) == 1


async def test_every_reaction_may_run_twice(contacts: Contacts) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        for _ in range(2):
            await contacts.answer_given(tx, ONE, "payment", "barnbidrag")
        for _ in range(2):
            await contacts.waiting(tx, ONE, "sjuk")
        for _ in range(2):
            await contacts.connected(tx, ONE, ASA)
        for _ in range(2):
            await contacts.talk_ended(tx, ONE, "citizen")
        for _ in range(2):
            await contacts.promised(tx, ONE, CallbackId("cbk_1"))
        steps = [step.what for step in await contacts.timeline(tx, ONE)]
    assert steps == ["arrived", "answer_given", "waiting", "connected", "talk_ended", "promised"]


async def test_another_agent_does_not_write_in_a_colleagues_wrap_up(contacts: Contacts) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.connected(tx, ONE, ASA)
        await contacts.close(tx, ONE)
    with pytest.raises(WrapUpNotPossibleError):
        async with contacts.database.transaction() as tx:
            await contacts.wrapped_up(tx, ONE, BO, "annat")


async def test_who_was_given_a_contact_whose_citizen_had_gone_can_end_it_and_nothing_of_the_talk_is_lost(
    contacts: Contacts,
) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.connected(tx, ONE, ASA)
        await contacts.close(tx, ONE)
        await contacts.wrapped_up(tx, ONE, ASA, "fraga_besvarad", "Hon frågade om sjukpenning.")
        await contacts.wrapped_up(tx, ONE, BO, "annat", "Ingen var där.", holds=True)
        row = await contacts.get(tx, ONE)
    assert (row.agent, row.wrap_up_code) == (ASA, "fraga_besvarad")
    assert row.note == "Hon frågade om sjukpenning.\nIngen var där."


async def test_a_contact_that_is_not_there_is_said_to_be_so(contacts: Contacts) -> None:
    async with contacts.database.transaction() as tx:
        for wanted in (contacts.get(tx, ONE), contacts.close(tx, ONE), contacts.connected(tx, ONE, ASA)):
            with pytest.raises(ContactNotFoundError):
                await wanted


async def test_the_open_ones_are_those_without_an_outcome_oldest_first(contacts: Contacts, clock: HandClock) -> None:
    for number in (1, 2, 3):
        await arrive(contacts, ContactId(f"con_{number}"), leg=f"leg.{number}")
        clock.pass_time(seconds=1)
    async with contacts.database.transaction() as tx:
        await contacts.close(tx, ContactId("con_2"))
        assert [row.contact for row in await contacts.open_ones(tx)] == ["con_1", "con_3"]


async def test_outcomes_and_open_ones_add_up_to_the_contacts_offered(contacts: Contacts, clock: HandClock) -> None:
    for number in range(5):
        await arrive(contacts, ContactId(f"con_{number}"))
        clock.pass_time(hours=1)
    async with contacts.database.transaction() as tx:
        await contacts.close(tx, ContactId("con_0"), fault="switch_restart")
        await contacts.close(tx, ContactId("con_1"))
        tally = await contacts.tally(tx, START, START + timedelta(hours=4))  # half-open: not the fifth
    assert (tally.offered, tally.open, tally.holds) == (4, 2, True)
    assert {kind: number for kind, number in tally.outcomes.items() if number} == {
        Outcome.LOST_TECHNICAL: 1,
        Outcome.ABANDONED: 1,
    }


async def findings(contacts: Contacts, clock: HandClock) -> list[str]:
    async with contacts.database.reading() as tx:
        found = await ledger.inspect(tx, start=START - DAY, end=START + DAY, now=clock.now())
    return [finding.what for finding in found]


async def test_books_that_are_in_order_have_no_findings(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    await arrive(contacts, ContactId("con_2"))
    async with contacts.database.transaction() as tx:
        await contacts.connected(tx, ONE, ASA)
        await contacts.talk_ended(tx, ONE, "fault")
        await contacts.close(tx, ONE)
        await contacts.connected(tx, ONE, ASA)
    assert await findings(contacts, clock) == []


async def test_a_vanished_contact_upsets_the_sum(contacts: Contacts) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await tx.execute(delete(store.contacts))
        assert not (await contacts.tally(tx, START - DAY, START + DAY)).holds


async def test_a_row_that_came_in_by_a_back_door_upsets_the_sum(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        row = (await tx.execute(select(store.contacts))).one()._asdict()
        await tx.execute(insert(store.contacts).values(**row | {"contact": "con_2"}))
        assert not (await contacts.tally(tx, START - DAY, START + DAY)).holds
    assert "it did not arrive exactly once" in await findings(contacts, clock)


async def test_a_changed_outcome_is_found(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.close(tx, ONE)
        await tx.execute(update(store.contacts).values(outcome=Outcome.ANSWERED))
    assert await findings(contacts, clock) == ["its timeline tells another end than its row"]


async def test_a_loss_without_a_name_is_found(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.close(tx, ONE, fault="switch_restart")
        await tx.execute(update(store.contacts).values(fault=""))
    assert await findings(contacts, clock) == ["lost_technical needs a named fault, and nothing else may have one"]


async def test_an_impossible_life_is_found(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await tx.execute(update(store.contact_steps).values(state=State.TALKING))
    assert await findings(contacts, clock) == ["its states are not a path in the published state machine"]


async def test_a_contact_that_is_open_although_its_conversation_is_over_is_found(
    contacts: Contacts, clock: HandClock
) -> None:
    await arrive(contacts)
    async with contacts.database.transaction() as tx:
        await contacts.connected(tx, ONE, ASA)
        await contacts.talk_ended(tx, ONE, "citizen")
    clock.pass_time(seconds=59)
    assert await findings(contacts, clock) == []
    clock.pass_time(seconds=2)
    assert await findings(contacts, clock) == ["it is open although its conversation is over"]


async def test_a_contact_to_which_nothing_happens_any_more_is_found(contacts: Contacts, clock: HandClock) -> None:
    await arrive(contacts)
    clock.pass_time(hours=6, seconds=1)
    assert await findings(contacts, clock) == ["it is open although nothing happens to it"]
