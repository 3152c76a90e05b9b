"""Citizens who book a meeting by telephone, and what comes to their telephone of it."""

from tests.fixtures_running import both_switches
from tests.journeys.test_self_service import ELSA, ELSAS_CODE
from tests.journeys.test_texts import page
from tests.journeys.world import World
from tests.running import eventually

NORRBY = "98231"


@both_switches
async def test_a_meeting_is_booked_in_a_call_confirmed_by_text_heard_again_and_let_go_of(world: World) -> None:
    caller = world.caller(2)
    await caller.call()
    await caller.hears("Gäller det ett möte med oss? Tryck")
    await caller.press("5")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(ELSA)
    await caller.hears("Tryck in din personliga kod")
    await caller.press(ELSAS_CODE)
    await caller.hears("Tryck in ditt postnummer")
    await caller.press(NORRBY)
    await caller.hears("Vilken tid passar dig?")
    await caller.press("1")
    await caller.hears("Ska vi boka den tiden? Tryck", within=25)
    await caller.press("1")
    await caller.hears("Tack. Ditt möte är bokat, ")
    await caller.hang_up()
    assert await caller.outcome() == "meeting_booked"
    await eventually(
        lambda: "Ditt möte är bokat: " in page(world, caller.number),
        within=20,
        what="the text that confirms it is there",
    )
    assert "Din handläggare har nummer 070-174 06 6" in page(world, caller.number)

    await caller.call()
    await caller.hears("Gäller det ett möte med oss? Tryck")
    await caller.press("5")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(ELSA)
    await caller.hears("Tryck in din personliga kod")
    await caller.press(ELSAS_CODE)
    await caller.hears("Du har ett möte med oss ")
    await caller.hears("Vill du lyssna på din kallelse? Tryck", within=25)
    await caller.press("1")
    await caller.hears("Vi går igenom det som du vill prata om.")
    await caller.hears("Vill du avboka mötet? Tryck", within=40)
    await caller.press("3")
    await caller.hears("Är du säker på att du vill avboka? Tryck")
    await caller.press("1")
    await caller.hears("Nu är mötet avbokat.")
    await caller.hang_up()
    await eventually(lambda: "är avbokat" in page(world, caller.number), within=20, what="the handset says so")
