"""What desks show of waiting times, and who may see how good they were."""

import random

from skills_routing.agents.desk import newcomers_line
from skills_routing.forecast.forecasting import Forecasting, Rhythm
from skills_routing.forecast.live_waits import LiveWaits
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.test_waits import SJUK, handlings, lived_through
from tests.integration.skills_routing.world import ASA, configuration


async def foresee(desk: DeskWorld) -> None:
    async def passed(*_: object) -> None:
        return None

    forecasting = Forecasting(
        live=LiveWaits(desk.world.redis),
        database=desk.database,
        clock=desk.world.time,
        chance=random.Random(2).random,
        holder="this test",
        newcomers=lambda: {newcomers_line(queue) for queue in configuration().queues.values()},
        forecast_passed=passed,
        rhythm=Rhythm(share=1.0),
    )
    assert await forecasting.run_due()


async def test_a_desk_shows_how_long_somebody_would_wait_who_rang_now(desk: DeskWorld, browser: Browser) -> None:
    await lived_through(desk.world, SJUK, handlings())
    await desk.world.talk("sjuk", ASA)
    await browser.log_in("asa")
    await foresee(desk)
    queues = {queue["queue"]: queue for queue in (await browser.get("/api/desk"))["queues"]}
    assert 2 <= queues["sjuk"]["least_minutes"] < queues["sjuk"]["most_minutes"] <= 8
    assert (queues["bostad"]["least_minutes"], queues["bostad"]["most_minutes"]) == (None, None)


async def test_a_supervisor_sees_how_good_the_forecasts_were_and_an_agent_does_not(
    desk: DeskWorld, browser: Browser
) -> None:
    await desk.world.talk("sjuk", ASA)
    await desk.world.caller("sjuk")
    await foresee(desk)
    desk.world.time.advance(1)
    await browser.log_in("asa")
    assert (await browser.ask("GET", "/api/routing/accuracy"))[0] == 403
    async with await desk.browser() as supervisor:
        await supervisor.log_in("disa")
        found = await supervisor.get("/api/routing/accuracy?days=1&queue=sjuk")
        assert (found["foreseen"], found["still_waiting"], found["silent"], found["inside"]) == (1, 1, 1, None)
        assert (await supervisor.ask("GET", "/api/routing/accuracy?days=400"))[0] == 422
        assert (await supervisor.ask("GET", "/api/routing/accuracy?queue=%27;--"))[0] == 422
