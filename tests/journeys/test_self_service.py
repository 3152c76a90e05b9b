"""Citizens who get their answer from the machine."""

from datetime import datetime, timedelta

from core.clock import STOCKHOLM
from tests.fixtures_running import both_switches
from tests.journeys.world import World

WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
MONTHS = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)
ELSA, ELSAS_CODE = "200001052380", "391758"
ALEX, ALEX_CODE = "0001022391", "453629"


@both_switches
async def test_a_parent_hears_when_the_money_comes_and_hangs_up(world: World) -> None:
    in_six_days = datetime.now(STOCKHOLM).date() + timedelta(days=6)
    caller = world.caller()
    await caller.call()
    await caller.hears("Välkommen till Försäkringskassan.")
    await caller.hears("Vill du veta när pengarna kommer? Tryck")
    await caller.press("1")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(ELSA)
    await caller.hears("Tryck in din personliga kod")
    await caller.press(ELSAS_CODE)
    answer = await caller.hears("Din nästa utbetalning")
    assert WEEKDAYS[in_six_days.weekday()] in answer
    assert MONTHS[in_six_days.month - 1] in answer
    assert "tretusen tvåhundrasjuttiosex kronor" in answer
    await caller.hears("Kan vi hjälpa dig med något mer?", within=15)
    await caller.press("2")
    await caller.hears("Hej då!")
    await caller.is_hung_up(within=10)
    assert await caller.outcome() == "self_served"
