"""Citizens whose line breaks, and what they read and write on their telephone."""

import urllib.parse
import urllib.request

from tests.fixtures_running import both_switches
from tests.journeys.test_promises_are_kept import promise_to
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import eventually


def page(world: World, number: str, text: str = "") -> str:
    """Return what a handset shows, after having written from it, if there is something to write."""
    form = urllib.parse.urlencode({"telefon": number, "text": text})
    address = f"{world.system.url}/sms"
    asked = urllib.request.Request(address, data=form.encode()) if text else f"{address}?{form}"
    with urllib.request.urlopen(asked, timeout=5) as answer:
        return str(answer.read().decode())


@both_switches
async def test_whoever_is_dropped_gets_a_text_within_half_a_minute_and_ring_keeps_the_place(world: World) -> None:
    caller = world.caller(6)
    await asks_for(caller, "2")
    await caller.is_waiting()
    await caller.hang_up()
    await eventually(
        lambda: "bröts innan vi hann svara" in page(world, caller.number),
        within=30,
        what="the text is on the handset",
    )
    page(world, caller.number, "Ja tack ring mig")
    await eventually(
        lambda: "kvar den plats i kön" in page(world, caller.number), within=10, what="the promise is confirmed"
    )
    promise = promise_to(world, caller.number)
    assert promise["first_requested_at"] < promise["promised_at"], "waiting began with the call"
