"""A citizen is rung on one leg at a time, not too often, at decent hours, on a number that we ring (I-13)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.errors import (
    AlreadyTriedError,
    CallbackOverError,
    CallbackTakenError,
    CallbackTooEarlyError,
    NotNowError,
    NumberNotAllowedError,
)
from callbacks.events import CallbackMissed
from callbacks.model import AttemptState, CallbackState
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.errors import KundcenterError
from core.events import Event
from core.ids import AgentId, CallbackId, LegId
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import NUMBER, POLICY, in_line, promised, rings, row

ASA, BO = AgentId("asa"), AgentId("bo")
LEG = LegId("leg_1")


async def attempts(callbacks: Callbacks, callback: CallbackId) -> list[tuple[int, AttemptState, str]]:
    async with callbacks.database.reading() as tx:
        return [(one.number, one.state, one.reason) for one in await callbacks.attempts_of(tx, callback)]


async def test_an_attempt_is_written_before_the_number_is_told(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    assert await callbacks.dial(callback, leg=LEG, agent=ASA) == NUMBER
    kept = await row(callbacks, callback)
    assert (kept.state, kept.taken_by, kept.attempts, kept.next_at) == (CallbackState.TAKEN, ASA, 1, None)
    assert await attempts(callbacks, callback) == [(1, AttemptState.DIALLING, "")]


async def test_asked_again_for_the_same_leg_it_tells_the_same_and_counts_no_more(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callback = await in_line(callbacks, contacts)
    told = await asyncio.gather(*(callbacks.dial(callback, leg=LEG, agent=ASA) for _ in range(8)))
    assert set(told) == {NUMBER}
    assert (await row(callbacks, callback)).attempts == 1
    assert len(await attempts(callbacks, callback)) == 1


async def test_of_ten_legs_at_once_one_is_dialled(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    answers = await asyncio.gather(
        *(callbacks.dial(callback, leg=LegId(f"leg_{n}"), agent=AgentId(f"agent{n % 2}")) for n in range(10)),
        return_exceptions=True,
    )
    assert answers.count(NUMBER) == 1
    assert [type(answer) for answer in answers].count(CallbackTakenError) == 9
    assert len(await attempts(callbacks, callback)) == 1


async def test_an_attempt_that_is_over_is_never_dialled_again(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.missed(callback, "agent_hung_up", citizen_was_rung=False, leg=LEG)
    assert await callbacks.due() == 1
    with pytest.raises(AlreadyTriedError):
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    with pytest.raises(AlreadyTriedError):
        await callbacks.dial(await in_line(callbacks, contacts, "con_b", "+46701740606"), leg=LEG, agent=ASA)


@pytest.mark.parametrize("kind", ["cancelled", "kept", "before_dialling_again"])
async def test_a_promise_that_is_over_is_not_dialled(callbacks: Callbacks, contacts: Contacts, kind: str) -> None:
    callback = await in_line(callbacks, contacts)
    if kind == "before_dialling_again":
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    await (callbacks.kept(callback) if kind == "kept" else callbacks.cancel(callback, by="citizen"))
    with pytest.raises(CallbackOverError):
        await callbacks.dial(callback, leg=LEG, agent=ASA)


async def test_what_another_agent_has_taken_is_not_dialled_but_what_one_took_oneself_is(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.take(callback, ASA)
    with pytest.raises(CallbackTakenError):
        await callbacks.dial(callback, leg=LEG, agent=BO)
    assert await callbacks.dial(callback, leg=LEG, agent=ASA) == NUMBER
    assert (await row(callbacks, callback)).attempts == 1


async def test_nobody_is_dialled_who_is_in_a_call_with_us_or_has_been_put_off(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callback = await in_line(callbacks, contacts)
    await rings(contacts, "con_again")
    with pytest.raises(NotNowError):
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.withdraw(callback, "rings_in")
    with pytest.raises(NotNowError):
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    assert await attempts(callbacks, callback) == []


async def test_nobody_is_dialled_in_the_evening_and_the_promise_waits_for_the_morning(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    clock.at = START + timedelta(hours=10)
    with pytest.raises(NotNowError):
        await callbacks.take(callback, ASA)
    with pytest.raises(NotNowError):
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 0
    assert (await row(callbacks, callback)).next_at == START + timedelta(hours=22)


async def test_a_number_that_is_no_longer_allowed_is_not_dialled(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    callbacks.renew(replace(POLICY, own_numbers=frozenset({NUMBER})))
    with pytest.raises(NumberNotAllowedError):
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    assert (await row(callbacks, callback)).state is CallbackState.FAILED  # a person sees to it


async def test_nobody_is_rung_twice_within_half_an_hour_though_the_line_were_to_ask(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.missed(callback, "no_answer", leg=LEG)
    await callbacks.move(callback, slot_at=None, by="citizen")  # "now, please"
    assert await callbacks.due() == 1
    clock.pass_time(minutes=29)
    with pytest.raises(CallbackTooEarlyError):
        await callbacks.dial(callback, leg=LegId("leg_2"), agent=ASA)
    assert await callbacks.due() == 0
    clock.pass_time(minutes=1)
    assert await callbacks.due() == 1
    assert await callbacks.dial(callback, leg=LegId("leg_2"), agent=ASA) == NUMBER


async def test_a_busy_number_may_be_tried_sooner_where_that_is_configured(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callbacks.renew(replace(POLICY, after_busy=timedelta(minutes=5)))
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.missed(callback, "busy", leg=LEG)
    assert isinstance(told[-1], CallbackMissed) and told[-1].not_before == START + timedelta(minutes=5)
    clock.pass_time(minutes=5)
    assert await callbacks.due() == 1
    assert await callbacks.dial(callback, leg=LegId("leg_2"), agent=ASA) == NUMBER


async def test_the_next_attempt_is_in_ringing_hours(callbacks: Callbacks, contacts: Contacts, clock: HandClock) -> None:
    callback = await in_line(callbacks, contacts)
    clock.at = START + timedelta(hours=9, minutes=45)  # a quarter to eight in the evening
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.missed(callback, "no_answer", leg=LEG)
    assert (await row(callbacks, callback)).next_at == START + timedelta(hours=22)


@pytest.mark.parametrize("reason", ["busy", "no_answer", "rejected", "unreachable", "machine", "wrong_person"])
async def test_every_way_not_to_reach_somebody_is_written_down_and_counts(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, reason: str
) -> None:
    callback = await in_line(callbacks, contacts)
    for number in (1, 2, 3):
        leg = LegId(f"leg_{number}")
        await callbacks.dial(callback, leg=leg, agent=ASA)
        assert await callbacks.missed(callback, reason, leg=leg)
        assert not await callbacks.missed(callback, reason, leg=leg)  # told twice
        clock.pass_time(minutes=30)
        assert await callbacks.due() == (1 if number < 3 else 0)
    assert await attempts(callbacks, callback) == [(number, AttemptState.MISSED, reason) for number in (1, 2, 3)]
    assert (await row(callbacks, callback)).state is CallbackState.FAILED


async def test_an_attempt_in_which_nothing_rang_is_written_down_does_not_count_and_puts_nothing_off(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callback = await in_line(callbacks, contacts)
    for number in range(1, 6):
        leg = LegId(f"leg_{number}")
        await callbacks.dial(callback, leg=leg, agent=ASA)
        await callbacks.missed(callback, "agent_hung_up", citizen_was_rung=False, leg=leg)
        assert await callbacks.due() == 1
    kept = await row(callbacks, callback)
    assert (kept.attempts, kept.state, kept.first_requested_at) == (0, CallbackState.IN_LINE, START)
    assert [state for _, state, _ in await attempts(callbacks, callback)] == [AttemptState.NOT_RUNG] * 5


async def test_faults_before_it_rings_come_after_longer_and_longer_pauses_and_then_a_person_looks_into_it(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    for number, minutes in enumerate((1, 2, 4, 8, 16, 30, 30, 30, 30)):
        leg = LegId(f"leg_{number}")
        await callbacks.dial(callback, leg=leg, agent=None)
        await callbacks.missed(callback, "fault", citizen_was_rung=False, leg=leg)
        stands = await row(callbacks, callback)
        assert (stands.attempts, stands.next_at) == (0, clock.at + timedelta(minutes=minutes))
        assert await callbacks.due() == 0
        clock.pass_time(minutes=minutes)
        assert await callbacks.due() == 1
    leg = LegId("leg_last")
    await callbacks.dial(callback, leg=leg, agent=None)
    await callbacks.missed(callback, "fault", citizen_was_rung=False, leg=leg)
    assert (await row(callbacks, callback)).state is CallbackState.FAILED
    async with callbacks.database.reading() as tx:
        assert [one.callback for one in await callbacks.follow_ups(tx)] == [callback]


async def test_the_pause_after_a_fault_is_short_again_once_it_has_rung(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    for number, (reason, rang, minutes) in enumerate((("fault", False, 1), ("fault", True, 30), ("fault", False, 1))):
        leg = LegId(f"leg_{number}")
        await callbacks.dial(callback, leg=leg, agent=None)
        if rang:
            await callbacks.rings(leg)
        await callbacks.missed(callback, reason, citizen_was_rung=False, leg=leg)
        assert (await row(callbacks, callback)).next_at == clock.at + timedelta(minutes=minutes)
        clock.pass_time(minutes=minutes)
        await callbacks.due()
    assert (await row(callbacks, callback)).attempts == 1


@pytest.mark.parametrize(("reason", "counts"), [("fault", 1), ("agent_hung_up", 0), ("canceled", 0)])
async def test_whoever_has_heard_it_ring_has_peace_until_the_next_attempt_whoever_broke_it_off(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, reason: str, counts: int
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.rings(LEG)
    await callbacks.rings(LegId("leg_of_somebody_else"))
    await callbacks.missed(callback, reason, citizen_was_rung=False, leg=LEG)
    stands = await row(callbacks, callback)
    assert (stands.attempts, stands.next_at) == (counts, clock.at + POLICY.between_attempts)
    assert await attempts(callbacks, callback) == [(1, AttemptState.MISSED, reason)]


async def test_what_is_told_late_of_another_leg_changes_nothing(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.missed(callback, "agent_hung_up", citizen_was_rung=False, leg=LEG)
    await callbacks.due()
    await callbacks.dial(callback, leg=LegId("leg_2"), agent=BO)
    assert not await callbacks.missed(callback, "no_answer", leg=LEG)
    kept = await row(callbacks, callback)
    assert (kept.state, kept.taken_by, kept.attempts) == (CallbackState.TAKEN, BO, 1)


async def test_a_citizen_who_answers_is_talked_to_and_the_attempt_says_so(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    clock.pass_time(seconds=20)
    assert await callbacks.kept(callback)
    kept = await row(callbacks, callback)
    assert (kept.state, kept.talked_at) == (CallbackState.KEPT, clock.now())
    assert await attempts(callbacks, callback) == [(1, AttemptState.ANSWERED, "")]


async def test_what_nobody_settles_is_released_and_keeps_its_distance(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    clock.pass_time(minutes=16)
    assert await callbacks.release_stale() == 1
    assert await attempts(callbacks, callback) == [(1, AttemptState.UNKNOWN, "stale")]
    assert await callbacks.due() == 0
    clock.pass_time(minutes=14)
    assert await callbacks.due() == 1
    assert not await callbacks.missed(callback, "no_answer", leg=LEG)  # heard of at last, too late


async def test_what_is_cancelled_while_it_rings_ends_its_attempt_and_stays_cancelled(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    assert await callbacks.cancel(callback, by="citizen")
    assert not await callbacks.missed(callback, "no_answer", leg=LEG)
    assert (await row(callbacks, callback)).state is CallbackState.CANCELLED
    assert await attempts(callbacks, callback) == [(1, AttemptState.MISSED, "no_answer")]


async def test_no_error_or_log_tells_a_number_or_a_code(
    callbacks: Callbacks, contacts: Contacts, capsys: pytest.CaptureFixture[str], told: list[Event]
) -> None:
    callback = await promised(callbacks, contacts)
    with pytest.raises(KundcenterError) as refused:
        await callbacks.dial(callback, leg=LEG, agent=ASA)
    await callbacks.due()
    await callbacks.dial(callback, leg=LEG, agent=ASA)
    kept = await row(callbacks, callback)
    assert len(kept.proof) == 6
    said = f"{capsys.readouterr()} {told} {refused.value} {kept!r}"
    assert "callbacks.dialled" in said
    assert kept.proof not in said and NUMBER[3:] not in said
