"""SQL is busy just when routing has something to write: nothing of it is lost, and no telephone waits for it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from contacts.model import State, TalkEnd
from contacts.service import Contacts
from skills_routing import store
from skills_routing.line import aftermath
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.records import record
from skills_routing.model import ContactState
from storage.database import DatabaseUnavailableError, Transaction
from tests.integration.skills_routing.test_what_heals import seconds_pass
from tests.integration.skills_routing.world import ASA, CARIN, Caller, World, until


@contextmanager
def busy(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody can write into SQL for a while; what was begun before is not in it."""

    def refuse(**_: bool) -> None:
        raise DatabaseUnavailableError("OperationalError")

    with monkeypatch.context() as patch:
        patch.setattr(world.database, "transaction", refuse)
        yield


async def end_of_talk(world: World, caller: Caller) -> tuple[TalkEnd | None, State, ContactState | None]:
    async with world.database.reading() as tx:
        contact, routed = await world.contacts.get(tx, caller.contact), await store.find(tx, caller.contact)
    return contact.talk_ended_by, contact.state, routed.state if routed else None


AS_IT_WAS = (TalkEnd.AGENT, State.SELF_SERVICE, ContactState.WRAP_UP)


async def test_a_talk_that_ends_while_sql_is_busy_is_written_when_sql_is_free_and_the_phones_do_not_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await world.talk("sjuk", ASA)
    with capture_logs() as logged, busy(world, monkeypatch):
        await world.routing.hang_up(ASA, contact=caller.contact)
        await until(lambda: caller.phone.ended is not None and not world.phone(ASA).in_call)
        assert (await end_of_talk(world, caller))[0] is None
    assert [line["log_level"] for line in logged if "record" in line["event"]] == ["warning"]

    async def is_written() -> bool:
        return await end_of_talk(world, caller) == AS_IT_WAS

    await until(is_written)


async def test_a_process_that_ends_before_it_could_write_leaves_it_to_the_others_who_still_know_who_hung_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await world.talk("sjuk", ASA)
    with busy(world, monkeypatch):
        await world.routing.hang_up(ASA, contact=caller.contact)
        await until(lambda: caller.phone.ended is not None)
        await world.routing.settled()
    await seconds_pass(world, 8, beating=(ASA,))
    assert await end_of_talk(world, caller) == AS_IT_WAS
    async with world.database.reading() as tx:
        told = [step.detail for step in await world.contacts.timeline(tx, caller.contact) if step.what == "talk_ended"]
    assert told == ["agent"]


async def test_a_note_that_is_written_before_the_end_of_the_talk_is_takes_that_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await world.talk("sjuk", ASA)
    with busy(world, monkeypatch):
        await world.routing.hang_up(ASA, contact=caller.contact)
        await until(lambda: caller.phone.ended is not None)
    await world.wrap_up(ASA, caller)
    assert await end_of_talk(world, caller) == (TalkEnd.AGENT, State.SELF_SERVICE, None)


async def test_a_talk_that_was_not_written_when_the_live_store_was_lost_does_not_begin_again_by_its_late_record(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its caller stands in the line again, at the old place, and the agent's phone is put down."""
    late: list[Sequence[LineFact]] = []

    async def is_held_up(tx: Transaction, *, facts: Sequence[LineFact], contacts: Contacts) -> None:
        if any(fact.fact is Kind.JOINED for fact in facts):
            late.append(facts)
        else:
            await record(tx, facts=facts, contacts=contacts)

    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    await world.routing.settled()
    monkeypatch.setattr(aftermath, "record", is_held_up)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await until(lambda: bool(late))
    await world.redis.flushall()
    await world.routing.reconcile()
    await until(lambda: not world.phone(ASA).in_call)
    monkeypatch.setattr(aftermath, "record", record)
    async with world.database.transaction() as tx:
        await record(tx, facts=late[0], contacts=world.contacts)
    await seconds_pass(world, 8)
    assert (await end_of_talk(world, caller))[2] is ContactState.WAITING
    assert await world.place(caller) == 1 and caller.phone.ended is None
    await world.ready(CARIN)
    await world.answers(CARIN)
    assert caller.phone.connected_to == "agent-carin"
    await world.until_ledger(caller, "talking")
