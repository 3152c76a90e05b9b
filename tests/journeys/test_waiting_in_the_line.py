"""Citizens who wait, who give up waiting, or who would rather be rung back."""

import asyncio

from tests.fixtures_running import both_switches, real_switch_only
from tests.journeys.callers import ELSEWHERE, ELSEWHERE_E164
from tests.journeys.test_promised_a_time import lets_go_of_the_promise
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import CLOSED, OFFER_SECONDS, eventually


@both_switches
async def test_a_caller_who_hangs_up_while_waiting_leaves_the_line(world: World) -> None:
    gone, stays = world.callers(2)
    await asks_for(gone, "2")
    await gone.is_waiting()
    await asks_for(stays, "2")
    await stays.is_waiting()
    await gone.hang_up()
    assert await gone.outcome() in ("abandoned", "abandoned_recovered")
    asa = await world.agent("asa")
    await asa.sees_offer()
    await asa.accept()
    await stays.is_connected()
    await stays.hang_up()
    await asa.wrap_up("finished")
    assert await stays.outcome() == "answered"


@both_switches
async def test_a_caller_who_hangs_up_while_an_agent_is_shown_the_call_is_gone_from_the_desk(world: World) -> None:
    caller, asa = world.caller(2), await world.agent("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    await caller.hang_up()
    await asa.sees_no_offer()
    await asa.in_state("READY")
    assert await caller.outcome() in ("abandoned", "abandoned_recovered")


@real_switch_only
async def test_a_caller_who_hangs_up_while_the_agents_telephone_rings_silences_it_and_leaves_a_free_agent(
    world: World,
) -> None:
    caller = world.caller(5)
    asa, phone = await world.agent_with_a_plain_telephone("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    rung = await phone.rung(within=10)
    await asa.accept()
    await asa.in_state("RESERVED")
    assert not rung.ended.is_set(), "said yes, and the telephone rings on"
    await caller.hang_up()
    await rung.over(within=5)
    assert rung.cancelled
    assert not rung.up.is_set()
    await asa.sees_no_offer()
    await asa.in_state("READY")
    assert await caller.outcome() in ("abandoned", "abandoned_recovered")


@both_switches
async def test_a_caller_who_hangs_up_in_the_moment_that_the_agent_answers_leaves_a_free_agent(world: World) -> None:
    caller, asa = world.caller(3), await world.agent("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asyncio.gather(asa.accept(), caller.hang_up(), return_exceptions=True)
    outcome = await caller.outcome()
    assert outcome in ("answered", "abandoned", "abandoned_recovered")
    if outcome == "answered":
        await asa.wrap_up("no_one_heard")
    await asa.in_state("READY")


@both_switches
async def test_a_call_that_one_agent_turns_down_keeps_its_place_and_goes_to_another(world: World) -> None:
    first, second = world.caller(4), world.caller(5)
    asa = await world.agent("asa")
    await asks_for(first, "2")
    await asa.sees_offer()
    since = first.row["waiting_since"]
    await asks_for(second, "2")
    await second.is_waiting()
    await asa.reject()
    await asa.in_state("NOT_READY", reason="rejected")
    await first.is_waiting()
    assert first.row["waiting_since"] == since
    carin = await world.agent("carin")
    for caller in (first, second):
        await carin.sees_offer()
        await carin.accept()
        await caller.is_connected()
        await caller.hang_up()
        await carin.wrap_up("finished")
        assert await caller.outcome() == "answered"


@both_switches
async def test_a_call_that_an_agent_lets_ring_too_long_goes_to_another_and_the_agent_is_asked_to_come_back(
    world: World,
) -> None:
    caller, asa = world.caller(6), await world.agent("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asa.sees_no_offer(within=OFFER_SECONDS + 5)
    await asa.in_state("NOT_READY", reason="missed")
    assert not caller.row["outcome"]
    carin = await world.agent("carin")
    await carin.sees_offer()
    await carin.accept()
    await caller.is_connected()
    await carin.hang_up()
    await carin.wrap_up("finished")
    assert await caller.outcome() == "answered"


@both_switches
async def test_when_an_agent_closes_the_browser_instead_of_answering_the_call_goes_to_another(world: World) -> None:
    caller, asa = world.caller(2), await world.agent("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    since = caller.row["waiting_since"]
    await asa.close_browser()
    carin = await world.agent("carin")
    await carin.sees_offer(within=OFFER_SECONDS + 8)
    assert caller.row["waiting_since"] == since
    await carin.accept()
    await caller.is_connected()
    await caller.hang_up()
    await carin.wrap_up("finished")
    assert await caller.outcome() == "answered"


@real_switch_only
async def test_when_an_agent_closes_the_browser_in_the_middle_of_a_talk_somebody_else_takes_over(world: World) -> None:
    caller, next_one = world.caller(0), world.caller(1)
    asa = await world.agent("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asa.accept()
    await caller.is_connected()
    await asks_for(next_one, "2")
    await next_one.is_waiting()
    await asa.close_browser()
    await caller.hears("Förlåt, samtalet bröts hos oss.", within=25)
    carin = await world.agent("carin")
    for citizen in (caller, next_one):  # the first keeps the original place
        await carin.sees_offer()
        await carin.accept()
        await citizen.is_connected()
        await citizen.hang_up()
        await carin.wrap_up("finished")
        assert await citizen.outcome() == "answered"


@both_switches
async def test_a_caller_who_would_rather_be_rung_back_presses_one_and_keeps_the_place(world: World) -> None:
    caller = world.caller(7)
    await asks_for(caller, "2")
    await caller.is_waiting()
    await caller.press("1")
    await caller.hears("Ska vi ringa när det är din tur? Tryck", within=20)
    await caller.press("1")
    await caller.hears("Ska vi ringa det numret?", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.")
    promised = world.system.rows("SELECT * FROM callbacks WHERE contact = ?", caller.row["contact"])
    assert [(one["number"], one["state"], one["queue"]) for one in promised] == [(caller.number, "waiting", "sjuk")]
    assert promised[0]["first_requested_at"] == caller.row["waiting_since"]
    await caller.hears("När vi ringer säger vi en kod", within=40)
    await caller.hang_up()
    assert await caller.outcome() == "callback_promised"
    await lets_go_of_the_promise(caller)


@both_switches
async def test_outside_opening_hours_a_wish_is_kept_and_the_citizen_is_rung_back(world: World) -> None:
    caller = world.caller(6)
    await caller.call(CLOSED)
    await caller.hears("Just nu har vi stängt för samtal.")
    await caller.hears("Vill du att vi ringer upp dig? Tryck")
    await caller.press("4")
    await caller.hears("Ett annat nummer? Tryck", within=20)
    await caller.press("2")
    await caller.hears("Tryck in telefonnumret som vi ska ringa")
    await caller.press(f"{ELSEWHERE}#")
    await caller.hears("Om det stämmer, tryck", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.")
    promised = world.system.rows("SELECT * FROM callbacks WHERE contact = ?", caller.row["contact"])
    assert [one["state"] for one in promised] == ["waiting"], "it was said before it was true"
    await caller.hang_up()
    assert await caller.outcome() == "callback_promised"

    citizen = await world.somebody_at(ELSEWHERE_E164)
    carin = await world.agent("carin")
    await citizen.rings()  # in this queue before an agent does
    await citizen.answer()
    await citizen.hears_words()
    await citizen.press("1")
    await carin.talks()
    await citizen.hears_somebody()
    await citizen.hang_up()
    await carin.wrap_up("finished", "Ringde upp.")

    def state() -> str:
        rows = world.system.rows("SELECT state FROM callbacks WHERE callback = ?", promised[0]["callback"])
        return str(rows[0]["state"])

    await eventually(lambda: state() == "kept", within=10, what="the promise is kept")
