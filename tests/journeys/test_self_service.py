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


@both_switches
async def test_a_citizen_who_speaks_english_is_answered_in_english(world: World) -> None:
    caller = world.caller(1)
    await caller.call()
    await caller.hears("For English, press")
    await caller.press("8")
    await caller.hears("To hear when your money comes, press")
    await caller.press("1")
    await caller.hears("Enter your Swedish personal number")
    await caller.press(f"{ALEX}#")
    await caller.hears("Enter your personal code")
    await caller.press(ALEX_CODE)
    answer = await caller.hears("Your next payment of")
    assert "ten thousand seven hundred and fifty kronor" in answer
    await caller.hears("Can we help you with anything more?", within=25)
    await caller.hang_up()
    assert await caller.outcome() == "self_served"
    assert caller.row["language"] == "en"


@both_switches
async def test_the_payment_days_of_a_benefit_are_told_to_anybody(world: World) -> None:
    caller = world.caller(2)
    await caller.call()
    await caller.hears("Vill du ha information? Tryck")
    await caller.press("3")
    await caller.hears("Barn och familj: tryck")
    await caller.press("1")
    await caller.hears("barnbidrag: tryck")
    await caller.press("1")
    await caller.hears("De närmaste utbetalningarna av barnbidrag")
    await caller.hears("Vill du ha en blankett hem", within=25)
    await caller.hang_up()
    assert await caller.outcome() == "self_served"
    assert caller.row["level"] == 0
