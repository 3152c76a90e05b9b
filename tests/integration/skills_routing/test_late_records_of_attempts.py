"""Whoever is rung back: a record of the attempt that is written when all is over makes no ghost of citizen or agent (I-03)."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import pytest

from contacts.service import Contacts
from skills_routing import store
from skills_routing.line import aftermath
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.records import record
from skills_routing.model import AgentState, ContactState
from storage.database import Transaction
from telephony.model import EndCause
from tests.integration.skills_routing.test_rung_first import _confirms, _rung
from tests.integration.skills_routing.test_what_heals import seconds_pass
from tests.integration.skills_routing.world import ASA, Promised, World, until

OF_A_TALK = (Kind.JOINED, Kind.TALK_ENDED, Kind.RING_BACK_ENDED)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[LineFact]:
    """All facts that were written into SQL, in order."""
    written: list[LineFact] = []

    async def and_kept(tx: Transaction, *, facts: Sequence[LineFact], contacts: Contacts) -> None:
        written.extend(facts)
        await record(tx, facts=facts, contacts=contacts)

    monkeypatch.setattr(aftermath, "record", and_kept)
    return written


async def comes_late(world: World, recorded: Sequence[LineFact], kind: Kind) -> None:
    late = [fact for fact in recorded if fact.fact is kind]
    assert late, f"nothing like {kind} has happened"
    async with world.database.transaction() as tx:
        await record(tx, facts=late, contacts=world.contacts)


async def rows(world: World) -> list[tuple[str, ContactState]]:
    async with world.database.reading() as tx:
        return [(row.contact, row.state) for row in await store.everybody(tx)]


async def both_answer(world: World, promised: Promised) -> None:
    await until(lambda: world.phone(ASA).ringing)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await until(lambda: promised.phone.ringing)
    promised.phone.line.answer()  # type: ignore[union-attr]
    await until(lambda: promised.phone.connected_to == "agent-asa")


async def is_rung_first_and_talks(world: World) -> Promised:
    await world.ready(ASA)
    promised = await _rung(world)
    await _confirms(world, promised)
    await world.answers(ASA)
    return promised


async def is_offered_to_an_agent_and_talks(world: World) -> Promised:
    await world.ready(ASA)
    promised = await world.promise("sjuk", waited=60)
    await both_answer(world, promised)
    return promised


async def is_picked_out_of_turn_and_talks(world: World) -> Promised:
    await world.ready(ASA)
    contact = await world.ring_back(ASA, "+46701740650")
    promised = Promised(world.switch.phone("+46701740650"), contact, next(iter(world.numbers)))
    await both_answer(world, promised)
    return promised


Talk = Callable[[World], Awaitable[Promised]]


@pytest.mark.parametrize(
    ("talk", "kinds"),
    [
        (is_rung_first_and_talks, (Kind.DIALLED, Kind.CONFIRMED, *OF_A_TALK)),
        (is_offered_to_an_agent_and_talks, (Kind.CALLING, *OF_A_TALK)),
        (is_picked_out_of_turn_and_talks, (Kind.CALLING, *OF_A_TALK)),
    ],
)
async def test_after_a_talk(world: World, recorded: list[LineFact], talk: Talk, kinds: Sequence[Kind]) -> None:
    promised = await talk(world)
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, promised)
    await world.routing.settled()
    assert await rows(world) == []
    for kind in kinds:
        await comes_late(world, recorded, kind)
        assert await rows(world) == [], kind
    await seconds_pass(world, 8, beating=(ASA,))
    assert (await world.desk(ASA)).state is AgentState.READY


async def test_what_began_a_talk_comes_when_the_note_is_written_and_before_the_end_of_the_attempt_is(
    world: World, recorded: list[LineFact]
) -> None:
    promised = await is_rung_first_and_talks(world)
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, promised)
    await comes_late(world, recorded, Kind.JOINED)
    assert await rows(world) == []


async def test_after_an_attempt_that_came_to_nothing_the_next_one_is_not_taken_for_it(
    world: World, recorded: list[LineFact]
) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    world.cut(promised.phone, EndCause.BUSY)
    await world.routing.settled()
    await until(lambda: Kind.RING_BACK_ENDED in [fact.fact for fact in recorded])
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="break")
    await world.enter_promise(promised, "sjuk", since=world.time.now(), citizen_first=True)
    for kind in (Kind.DIALLED, Kind.RING_BACK_ENDED):
        await comes_late(world, recorded, kind)
        assert await rows(world) == [(promised.contact, ContactState.WAITING)], kind
    await seconds_pass(world, 8)
    assert await world.place(promised) == 1 and not promised.phone.in_call


async def test_who_was_rung_first_and_gives_up_after_the_line_was_made_anew_does_not_come_back_into_it(
    world: World, recorded: list[LineFact]
) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="break")
    await _confirms(world, promised)
    await world.routing.settled()
    await world.redis.flushall()
    await world.routing.reconcile()
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await until(lambda: "gave_up" in [fact.how for fact in recorded])
    await world.routing.settled()
    assert await rows(world) == []
    await seconds_pass(world, 8)
    assert [json.loads(body)["how"] for body in await world.recorded("RingBackEnded")] == ["gave_up"]


async def test_a_process_that_dies_when_the_note_is_written_leaves_no_agent_in_a_wrap_up_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised = await is_picked_out_of_turn_and_talks(world)
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.routing.settled()
    steering = world.routing._steering

    async def dies(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch, suppress(asyncio.CancelledError):
        patch.setattr(steering, "run", dies)
        await world.wrap_up(ASA, promised)
    assert await rows(world) == [] and (await world.desk(ASA)).state is AgentState.WRAP_UP
    await seconds_pass(world, 8, beating=(ASA,))
    assert (await world.desk(ASA)).state is AgentState.NOT_READY
