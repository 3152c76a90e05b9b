"""What ``explain`` says of a contact outlives the talk, its wrap-up, and everything that is live."""

import pytest

from skills_routing.errors import UnknownContactError
from skills_routing.model import AgentState
from telephony.model import EndCause
from tests.integration.skills_routing.test_written import accept, write
from tests.integration.skills_routing.world import ASA, CARIN, World

TONGUE = "Ingen kompetens finns för språket xx, så en handläggare som talar svenska svarar."


async def words(world: World, contact: str) -> list[str]:
    """The sentences without the time of day that some begin with."""
    said = (await world.routing.explain(contact)).sentences  # type: ignore[arg-type]
    return [sentence.split(" ", 1)[1] if sentence[0].isdigit() else sentence for sentence in said]


async def test_when_all_is_over_it_still_tells_the_language_and_that_the_talk_was_cut_off(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk", language="xx")
    await world.answers(ASA)
    await world.until_ledger(caller, "talking")
    await world.later(1, ASA, CARIN)
    world.cut(world.phone(ASA), EndCause.FAULT)
    await world.until_ledger(caller, "waiting")
    await world.later(1, ASA, CARIN)
    await world.ready(CARIN)
    await world.answers(CARIN)
    await world.until_ledger(caller, "talking")
    await world.routing.hang_up(CARIN, contact=caller.contact)
    await world.until_state(CARIN, AgentState.WRAP_UP)
    await world.wrap_up(CARIN, caller)
    before = await words(world, caller.contact)
    await world.redis.flushall()
    assert (
        await words(world, caller.contact)
        == before
        == [
            TONGUE,
            "erbjöds asa (var den av de lediga vars kompetenser flest inloggade har, och av flera sådana hade varit ledig längst), som svarade.",
            "bröts kontakten med asa; platsen i kön behölls.",
            "erbjöds carin (blev ledig, och kontakten stod först av dem som carin kan hjälpa), som svarade.",
        ]
    )


async def test_a_promise_to_ring_back_keeps_its_language_too_and_written_work_who_gave_it_back(world: World) -> None:
    await world.ready(CARIN)
    written = await write(world, "foralder")
    await accept(world, CARIN)
    await world.routing.written.hand_back(CARIN, contact=written)
    promised = await world.promise("sjuk", waited=60, language="xx")
    assert TONGUE in await words(world, promised.contact)
    await world.redis.flushall()
    assert "lämnades tillbaka av carin; platsen i kön behölls." in await words(world, written)


async def test_of_one_who_left_before_anybody_was_asked_it_tells_that(world: World) -> None:
    caller = await world.caller("sjuk")
    caller.phone.hang_up()
    await world.until_gone(caller)
    await world.routing.settled()
    await world.redis.flushall()
    assert await words(world, caller.contact) == ["lämnade personen kön innan någon svarade."]
    with pytest.raises(UnknownContactError):
        await world.routing.explain("con_nobody")  # type: ignore[arg-type]
