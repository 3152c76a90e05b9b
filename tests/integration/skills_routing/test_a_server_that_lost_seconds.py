"""Valkey killed, and come again from a file that lacks the last seconds: nobody is offered twice, nobody loses the place."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from skills_routing import store
from skills_routing.events import OfferMade
from skills_routing.model import AgentState
from storage.database import Database
from storage.redis import live
from telephony.model import EndCause
from tests.builders.mortal_valkey import MortalValkey
from tests.integration.skills_routing.world import ASA, BO, World, open_world, until

LUA = Path(__file__).parents[3] / "skills_routing" / "line" / "lua"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[MortalValkey]:
    valkey = MortalValkey(tmp_path / "valkey")
    yield valkey
    valkey.stop()


async def _die_and_return(mortal: MortalValkey, redis: Redis) -> None:
    await mortal.kill(redis)
    await redis.aclose()
    mortal.start()


@pytest.fixture
async def shaky(database: Database, mortal: MortalValkey) -> AsyncIterator[World]:
    redis = live(mortal.start())
    async with open_world(database, redis) as world:
        yield world
    await redis.aclose()


async def test_a_call_that_was_taken_in_the_lost_seconds_goes_on_and_is_not_offered_again(
    shaky: World, mortal: MortalValkey
) -> None:
    caller = await shaky.caller("sjuk")
    mortal.remember()
    await shaky.ready(ASA)
    await shaky.answers(ASA)
    await shaky.until_ledger(caller, "talking")
    await _die_and_return(mortal, shaky.redis)
    await shaky.ready(BO)
    await shaky.routing.reconcile()
    assert caller.phone.connected_to == "agent-asa"
    assert (await shaky.desk(ASA)).state is AgentState.BUSY
    assert not shaky.phone(BO).ringing
    shaky.cut(caller.phone, EndCause.NORMAL)
    await shaky.until_state(ASA, AgentState.WRAP_UP)


async def test_those_who_came_and_went_in_the_lost_seconds_are_in_the_line_or_not_in_the_right_order(
    shaky: World, mortal: MortalValkey
) -> None:
    gone = await shaky.caller("sjuk", waited=90)
    first = await shaky.caller("sjuk", waited=60)
    mortal.remember()
    last = await shaky.caller("sjuk", waited=20)
    middle = await shaky.caller("sjuk", waited=40)
    shaky.cut(gone.phone, EndCause.NORMAL)
    await shaky.until_gone(gone)
    await _die_and_return(mortal, shaky.redis)
    await shaky.routing.reconcile()
    assert [await shaky.place(one) for one in (first, middle, last)] == [1, 2, 3]
    assert await shaky.redis.sismember("kc:contacts", gone.contact) == 0


async def test_an_offer_that_was_made_in_the_lost_seconds_is_resolved_and_its_token_never_used_again(
    shaky: World, mortal: MortalValkey
) -> None:
    await shaky.ready(ASA)
    mortal.remember()
    caller = await shaky.caller("sjuk")
    await until(lambda: shaky.phone(ASA).ringing)
    [before] = shaky.facts(OfferMade)
    await _die_and_return(mortal, shaky.redis)
    await shaky.routing.reconcile()
    await until(lambda: not shaky.phone(ASA).ringing)
    async with shaky.database.reading() as tx:
        assert [offer.how for offer in await store.offers_of(tx, caller.contact)] == ["rescinded"]
    await shaky.ready(ASA)
    assert shaky.facts(OfferMade)[-1].contact == caller.contact
    assert shaky.facts(OfferMade)[-1].token > before.token


async def test_a_server_that_died_while_the_line_was_being_made_begins_again(
    shaky: World, mortal: MortalValkey
) -> None:
    callers = [await shaky.caller("sjuk", waited=9 - number) for number in range(3)]
    await shaky.redis.flushall()
    assert not await shaky.routing._line.is_standing(now=shaky.time.now())
    mortal.remember()
    await shaky.redis.set("kc:rebuilding", "somebody who died", px=60_000)
    await shaky.redis.sadd("kc:contacts", callers[0].contact)
    mortal.remember()
    await _die_and_return(mortal, shaky.redis)
    await shaky.routing.reconcile()
    assert [await shaky.place(one) for one in callers] == [1, 2, 3]


async def test_a_server_that_nobody_restarted_is_not_made_anew(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    made = await world.redis.get("kc:generation")
    await world.redis.function_flush()  # as a new version of us brings new functions: they ask again where they are
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    assert await world.redis.get("kc:generation") == made


def test_everything_that_the_line_keeps_is_made_anew_on_a_server_that_may_have_forgotten() -> None:
    texts = {file.name: file.read_text("utf-8") for file in LUA.glob("*.lua")}
    kept = {name for text in texts.values() for name in re.findall(r"'kc:([a-z_]+)", text)}
    listed = set(re.findall(r"(\w+) = true", texts["server.lua"]))
    assert kept - listed == {"server", "token", "feed"}, "these grow on"
