"""Who was cut off in a talk may stand ahead of others by a head start of its own: in the line, in SQL, and no further."""

from dataclasses import replace
from datetime import timedelta

import pytest

from skills_routing import store
from skills_routing.configuration import RoutingConfiguration
from skills_routing.model import AgentState, rank
from skills_routing.rules.queues import HeadStart
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, Caller, World, configuration


def with_head_start(seconds: int) -> RoutingConfiguration:
    known = configuration()
    queue = replace(known.queue("sjuk"), head_starts={HeadStart.RETURNED: timedelta(seconds=seconds)})
    return RoutingConfiguration({**known.queues, "sjuk": queue}, known.skills)


async def cut_off(world: World) -> Caller:
    """A caller talks with an agent whose telephone then is lost, while another waits since 100 s before."""
    caller = await world.talk("sjuk", ASA)
    await world.caller("sjuk", waited=100)
    world.cut(world.phone(ASA), EndCause.FAULT)
    await world.until_state(ASA, AgentState.NOT_READY, "connection_lost")
    await world.until_ledger(caller, "waiting")
    return caller


@pytest.mark.parametrize(("seconds", "place"), [(0, 2), (99, 2), (101, 1)])
async def test_who_was_cut_off_stands_ahead_by_the_head_start_and_no_more(
    world: World, seconds: int, place: int
) -> None:
    world.routing.renew(with_head_start(seconds))
    caller = await cut_off(world)
    assert await world.place(caller) == place
    async with world.database.reading() as tx:
        row = await store.find(tx, caller.contact)
    assert row is not None
    assert row.rank == rank(row.waiting_since, head_start=timedelta(seconds=seconds))
    await world.redis.flushall()
    assert await world.place(caller) == place, "also when the line is made from SQL"


async def test_without_a_head_start_the_old_place_is_kept(world: World) -> None:
    caller = await cut_off(world)
    assert await world.place(caller) == 2
