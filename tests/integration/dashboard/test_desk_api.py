"""The desk over HTTP: what it shows, what it may do, and who may read what."""

from dataclasses import replace
from datetime import timedelta

from core.ids import AgentId
from skills_routing.configuration import RoutingConfiguration
from skills_routing.model import AgentState
from skills_routing.rules.queues import HeadStart
from storage.audit import audit, first_break
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import ASA, BO, configuration, until

HOSTILE = "<script>alert(1)</script>\u202e\u0007evil"


async def test_an_agent_takes_a_call_and_writes_it_up(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    assert (await browser.post("/api/softphone"))["mode"] == "simulator"
    await browser.post("/api/agent/state", {"state": "READY"})
    caller = await desk.world.caller("sjuk", waited=75)
    await desk.walked(caller, "main/menu:choice_talk", "talk/which:choice_sick")

    shown = await browser.get("/api/desk")
    offer = shown["offer"]
    assert shown["state"] == "RESERVED"
    assert offer["about"]["queue_label"] == "Sjuk"
    assert offer["about"]["path"] == ["Prata med någon", "Sjuk"]

    await browser.post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})
    await until(lambda: caller.phone.connected_to == "agent-asa")
    contact = caller.contact
    await browser.post(f"/api/contacts/{contact}/hold")
    assert (await browser.get("/api/desk"))["talk"]["on_hold"] is True
    await browser.post(f"/api/contacts/{contact}/unhold")
    await browser.post(f"/api/contacts/{contact}/hang-up")
    await until(lambda: caller.phone.ended is not None)
    assert (await browser.get("/api/desk"))["wrap_up"]["about"]["contact"] == contact

    done = {"code": "finished", "note": "Fick besked.", "next_state": "NOT_READY", "reason": "break"}
    await browser.post(f"/api/contacts/{contact}/wrap-up", done)
    shown = await browser.get("/api/desk")
    assert (shown["state"], shown["reason"]) == ("NOT_READY", "break")
    row = await desk.world.ledger(contact)
    assert (row.wrap_up_code, row.note) == ("finished", "Fick besked.")


async def test_who_it_is_is_told_to_the_agent_who_has_the_contact_after_it_is_noted(
    desk: DeskWorld, browser: Browser
) -> None:
    await browser.log_in("bo")
    await browser.post("/api/softphone")
    await browser.post("/api/agent/state", {"state": "READY"})
    caller = await desk.world.caller("bostad")
    await desk.identified(caller, "demo-03")
    card = await browser.get(f"/api/contacts/{caller.contact}")
    assert card["person"]["name"] == "Vera Provsson"
    assert card["person"]["matters"][0]["missing"] == ["hyresavi", "uppgift om din inkomst i år"]
    async with desk.database.reading() as tx:
        [row] = (await tx.execute(audit.select())).all()
        assert await first_break(tx) is None
    assert (row.reader, row.what, row.contact, row.subject) == ("bo", "contact_card", caller.contact, "demo-03")


async def test_nobody_else_can_read_or_touch_a_contact(desk: DeskWorld, browser: Browser) -> None:
    caller = await desk.world.talk("sjuk", ASA)
    await browser.log_in("bo")
    status, _ = await browser.ask("GET", f"/api/contacts/{caller.contact}")
    assert status == 403
    for what in ("hold", "unhold", "hang-up"):
        assert (await browser.ask("POST", f"/api/contacts/{caller.contact}/{what}"))[0] == 409
    wrapped = {"code": "finished", "note": "", "next_state": "READY"}
    assert (await browser.ask("POST", f"/api/contacts/{caller.contact}/wrap-up", wrapped))[0] == 409
    async with desk.database.reading() as tx:
        assert (await tx.execute(audit.select())).all() == []
    assert caller.phone.connected_to == "agent-asa"


async def test_an_offer_is_answered_only_by_the_agent_who_has_it_and_only_with_its_token(
    desk: DeskWorld, browser: Browser
) -> None:
    await desk.world.ready(ASA)
    await desk.world.caller("sjuk")
    shown = (await desk.world.desk(ASA)).offer
    assert shown is not None
    await browser.log_in("bo")
    await browser.post("/api/softphone")
    for answer in ("accept", "reject"):
        assert (await browser.ask("POST", f"/api/offers/{shown.offer}/{answer}", {"token": shown.token}))[0] == 409
    async with await desk.browser() as asas:
        await asas.log_in("asa")
        assert (await asas.ask("POST", f"/api/offers/{shown.offer}/accept", {"token": shown.token + 1}))[0] == 409
        await asas.post(f"/api/offers/{shown.offer}/reject", {"token": shown.token})
    assert (await desk.world.desk(ASA)).state is AgentState.NOT_READY


async def test_a_promise_to_ring_back_is_listed_without_its_number_and_taken_once(
    desk: DeskWorld, browser: Browser
) -> None:
    callback = await desk.promised("+46701740620")
    await browser.log_in("bo")
    assert (await browser.get("/api/desk"))["callbacks_waiting"] == 1
    [shown] = (await browser.get("/api/callbacks"))["due"]
    assert (shown["callback"], shown["number"], shown["queue_label"]) == (callback, "070-••• •• 20", "Barn och familj")
    await desk.is_own(callback, BO)
    [shown] = (await browser.get("/api/callbacks"))["own"]
    assert shown["is_own"]
    await browser.post(f"/api/callbacks/{callback}/ring")
    status, problem = await browser.ask("POST", f"/api/callbacks/{callback}/ring")
    assert (status, problem["type"]) == (409, "urn:kundcenter:CallbackTakenError")


async def test_nobody_rings_out_of_turn_what_the_line_or_somebody_else_is_to_ring(
    desk: DeskWorld, browser: Browser
) -> None:
    of_the_line, of_asa = await desk.promised("+46701740620"), await desk.promised("+46701740621")
    await desk.is_own(of_asa, ASA)
    await browser.log_in("bo")
    for callback in (of_the_line, of_asa):
        status, problem = await browser.ask("POST", f"/api/callbacks/{callback}/ring")
        assert (status, problem["type"]) == (409, "urn:kundcenter:NotYoursToRingError")
    await desk.is_own(of_asa, ASA, deputy=BO)
    await browser.post(f"/api/callbacks/{of_asa}/ring")


async def test_promises_stand_by_when_they_were_asked_for_less_the_head_start_of_their_queue(
    desk: DeskWorld, browser: Browser
) -> None:
    known = configuration()
    ahead = replace(known.queue("sjuk"), head_starts={HeadStart.CALLBACK: timedelta(seconds=60)})
    desk.world.routing.renew(RoutingConfiguration({**known.queues, "sjuk": ahead}, known.skills))
    promised = []
    for number, queue, seconds_later in (("20", "foralder", 0), ("21", "sjuk", 59), ("22", "sjuk", 2)):
        desk.world.time.advance(seconds_later)
        promised.append(await desk.promised(f"+467017406{number}", queue))
    await browser.log_in("bo")
    shown = [one["callback"] for one in (await browser.get("/api/callbacks"))["due"]]
    assert shown == [promised[1], promised[0], promised[2]]


async def test_what_is_not_a_choice_is_refused(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    for wish in ({"state": "NOT_READY", "reason": "bored"}, {"state": "BUSY"}, {"state": "READY", "reason": "x" * 99}):
        assert (await browser.ask("POST", "/api/agent/state", wish))[0] == 422, wish
    assert (await browser.ask("POST", "/api/contacts/con%0d%0a1/hold"))[0] in (404, 422)
    assert (await browser.ask("POST", f"/api/offers/{'x' * 200}/accept", {"token": 1}))[0] == 422


async def test_hostile_text_comes_out_as_text_only(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("bo")
    await desk.world.ready(BO)
    caller = await desk.world.ring_in()
    async with desk.database.transaction() as tx:
        contact = await desk.world.contacts.open(
            tx, contact=caller.contact.replace("con", "cox"), leg=caller.leg, caller=HOSTILE, display_name=HOSTILE
        )
    caller.contact = contact.contact
    await desk.walked(caller, f"main/menu:{HOSTILE}")
    await desk.world.enter(caller, "foralder")
    card = await browser.get(f"/api/contacts/{caller.contact}")
    assert card["display_name"] == "<script>alert(1)</script>evil"
    assert card["number"] == ""


async def test_every_answer_forbids_frames_inline_script_and_caches(desk: DeskWorld, browser: Browser) -> None:
    async with browser.session.get(f"{desk.url}/api/me") as answer:
        headers = answer.headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_protected_name_is_shown_to_a_cleared_agent_only(desk: DeskWorld) -> None:
    for agent, name in (("carin", "Sixten Hemlighet"), ("bo", "")):
        async with await desk.browser() as browser:
            await browser.log_in(agent)
            caller = await desk.world.ring_in()
            await desk.identified(caller, "demo-08")
            await desk.world.enter(caller, "bostad")
            await desk.world.ready(AgentId(agent))
            person = (await browser.get(f"/api/contacts/{caller.contact}"))["person"]
            assert (person["protected"], person["name"]) == (True, name)
            await desk.world.routing.set_state(AgentId(agent), state=AgentState.LOGGED_OFF)
            caller.phone.hang_up()
