"""Promises to ring back, and people as they are: who never answers, who shares a telephone, who has two, who hides the number."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fixtures_running import both_switches
from tests.journeys.agents import Agent
from tests.journeys.callers import ELSEWHERE, ELSEWHERE_E164, Caller
from tests.journeys.rung_people import RungPerson
from tests.journeys.test_citizens_are_rung_first import GENERAL, is_promised_a_ring_first
from tests.journeys.test_promised_a_time import KNOWN
from tests.journeys.test_promises_are_kept import comes_to, is_promised_the_place, is_promised_the_place_elsewhere
from tests.journeys.test_self_service import ALEX, ALEX_CODE, ELSA, ELSAS_CODE
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import eventually


async def shows_who_they_are(caller: Caller, world: World, personnummer: str, code: str) -> None:
    """Let a caller ask when the money comes, and then for a person."""
    world.uses(personnummer, code)
    await caller.call()
    await caller.hears("Vill du veta när pengarna kommer? Tryck", within=25)
    await caller.press("1")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(f"{personnummer}#")
    await caller.hears("Tryck in din personliga kod")
    await caller.press(code)
    await caller.hears("Din nästa utbetalning")
    await caller.press("0")
    await caller.is_waiting(within=15)


async def asks_to_be_rung_elsewhere(caller: Caller) -> None:
    await caller.press("1")
    await caller.hears("Ska vi ringa när det är din tur? Tryck", within=20)
    await caller.press("1")
    await caller.hears("Ett annat nummer? Tryck", within=20)
    await caller.press("2")
    await caller.hears("Tryck in telefonnumret som vi ska ringa")
    await caller.press(f"{ELSEWHERE}#")
    await caller.hears("Om det stämmer, tryck", within=20)
    await caller.press("1")


@both_switches
async def test_who_withholds_the_number_is_asked_for_one_and_is_rung_there(world: World) -> None:
    caller = world.caller(1)
    caller.withholds_number = True
    await caller.call()
    await caller.wants_a_human()
    assert caller.row["caller"] == ""
    await caller.press("1")
    await caller.hears("Ska vi ringa när det är din tur? Tryck", within=20)
    await caller.press("1")
    await caller.hears("Tryck in telefonnumret som vi ska ringa", within=20)
    await caller.press(f"{ELSEWHERE}#")
    await caller.hears("Om det stämmer, tryck", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.", within=20)
    await caller.hang_up()
    assert await caller.outcome() == "callback_promised"
    (promised,) = promises_of(world, "number", ELSEWHERE_E164)
    assert promised["contact"] == caller.row["contact"]
    citizen, carin = await world.somebody_at(ELSEWHERE_E164), await world.agent("carin")
    await citizen.rings(within=25)
    await they_talk(citizen, carin)
    await is_kept(world, promised["callback"])


def promises_of(world: World, column: str, value: str) -> list[dict[str, Any]]:
    is_open = "state IN ('waiting', 'in_line', 'taken')"
    return world.system.rows(f"SELECT * FROM callbacks WHERE {column} = ? AND {is_open}", value)


async def they_talk(citizen: RungPerson, agent: Agent) -> None:
    """Let a citizen whose telephone rings first press the key, and an agent take and finish the talk."""
    await citizen.answer()
    await citizen.hears_words()
    await citizen.press("1")
    await agent.talks()
    await citizen.hears_somebody()
    await citizen.hang_up()
    await agent.wrap_up("finished")


async def is_kept(world: World, callback: str) -> None:
    kept = "SELECT 1 FROM callbacks WHERE callback = ? AND state = 'kept'"
    await eventually(lambda: world.system.rows(kept, callback), within=10, what="the promise is kept")


@both_switches
async def test_who_never_answers_is_written_to_and_stands_on_the_list_that_people_work_through(world: World) -> None:
    promised = await is_promised_the_place_elsewhere(world.caller(7), world)
    citizen, asa = await world.somebody_at(ELSEWHERE_E164), await world.agent("asa")
    for attempt in (1, 2, 3):
        await asa.sees_offer()
        await asa.accept()
        await citizen.rings()
        await citizen.does_not_answer()
        missed = await comes_to(world, ELSEWHERE_E164, "failed" if attempt == 3 else "waiting")
        assert (missed["attempts"], missed["first_requested_at"]) == (attempt, promised["first_requested_at"])
        if attempt < 3:
            again = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=missed["next_at"])
            assert again > datetime.now(UTC) + timedelta(minutes=20)
            world.system.half_an_hour_passes(ELSEWHERE_E164)
    assert missed["followed_up_at"] is None, "nobody has worked through the list yet"
    written = "SELECT state FROM sms_messages WHERE number = ? AND purpose = 'callback_given_up' AND contact = ?"
    about = (ELSEWHERE_E164, promised["contact"])
    await eventually(lambda: world.system.rows(written, *about), within=10, what="the citizen is written to")
    await asa.in_state("READY")
    assert len(world.system.rows(written, *about)) == 1


@both_switches
async def test_who_asks_twice_has_one_promise_and_is_told_so(world: World) -> None:
    caller = world.caller(6)
    first = await is_promised_the_place(caller, world)
    await caller.call()
    await caller.hears(KNOWN)
    await caller.hears("Ska vi ringa som vi har lovat? Tryck", within=20)
    await caller.press("1")
    await caller.hears("Tack. Då ringer vi som vi har lovat.")
    await caller.hang_up()
    assert [row["callback"] for row in promises_of(world, "number", caller.number)] == [first["callback"]]


@both_switches
async def test_a_person_with_two_telephones_has_one_promise(world: World) -> None:
    at_home, at_work = world.caller(4), world.caller(5)
    await shows_who_they_are(at_home, world, ELSA, ELSAS_CODE)
    await asks_to_be_rung_elsewhere(at_home)
    await at_home.hears("Vi ringer upp dig.", within=20)
    await at_home.hang_up()
    (first,) = promises_of(world, "number", ELSEWHERE_E164)
    assert first["person"]
    await shows_who_they_are(at_work, world, ELSA, ELSAS_CODE)
    await at_work.press("1")
    await at_work.hears("Ska vi ringa när det är din tur? Tryck", within=20)
    await at_work.press("1")
    await at_work.hears("Ska vi ringa det numret? Tryck", within=20)
    await at_work.press("1")
    await at_work.hears("Vi har lovat att ringa upp dig på numret som slutar på", within=20)
    await at_work.hang_up()
    assert [row["callback"] for row in promises_of(world, "person", first["person"])] == [first["callback"]]
    assert promises_of(world, "number", at_work.number) == []


@both_switches
async def test_two_who_share_a_telephone_have_a_promise_each_and_it_rings_for_one_at_a_time(world: World) -> None:
    one, other = world.caller(2), world.caller(3)
    for caller, who, code in ((one, ELSA, ELSAS_CODE), (other, ALEX, ALEX_CODE)):
        await shows_who_they_are(caller, world, who, code)
        await asks_to_be_rung_elsewhere(caller)
        await caller.hears("Vi ringer upp dig.", within=20)
        await caller.hang_up()
        await caller.outcome()
    first, second = sorted(promises_of(world, "number", ELSEWHERE_E164), key=lambda row: int(row["first_requested_at"]))
    assert first["person"] != second["person"]
    citizen, carin = await world.somebody_at(ELSEWHERE_E164), await world.agent("carin")
    await citizen.rings(within=25)
    (waits,) = promises_of(world, "callback", second["callback"])
    assert (waits["state"], waits["attempts"]) == ("waiting", 0), (
        "nobody rings a telephone on which another of ours rings"
    )
    await they_talk(citizen, carin)
    await is_kept(world, first["callback"])
    assert promises_of(world, "callback", second["callback"]), "the other's promise stands"


@both_switches
async def test_who_presses_the_key_when_nobody_is_free_any_more_waits_first_in_the_line(world: World) -> None:
    await is_promised_a_ring_first(world, world.caller(5))
    rival = world.caller(1)
    citizen, carin = await world.somebody_at(ELSEWHERE_E164), await world.agent("carin")
    await citizen.rings()
    await carin.pauses()
    await asks_for(rival, GENERAL)
    await rival.is_waiting()
    await citizen.answer()
    await citizen.hears_words()
    await citizen.press("1")
    waits = "SELECT 1 FROM routed_contacts WHERE callback != '' AND state = 'waiting' AND leg != ''"
    await eventually(lambda: world.system.rows(waits), within=10, what="the citizen waits in the line")
    await carin.ready()
    await carin.talks()
    await citizen.hears_somebody()
    assert rival.row["state"] == "waiting", "who was promised it first comes first"
    await citizen.hang_up()
    await comes_to(world, ELSEWHERE_E164, "kept")
    await rival.hang_up()
    await carin.wrap_up("finished")
