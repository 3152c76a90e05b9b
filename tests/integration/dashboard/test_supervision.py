"""Supervisors over HTTP: skills that count at once, warnings, messages to callers. Noted by name; for nobody else."""

from typing import Any

import pytest
from sqlalchemy import select

from skills_routing.model import AgentState
from storage.audit import audit, first_break
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import ASA, BO

TEXT = "Just nu är det längre väntan än vanligt."
CHANGES = [
    ("PUT", "/api/agents/asa/skills", {"skills": {"svenska": 5}}),
    ("DELETE", "/api/agents/asa/skills", None),
    ("PUT", "/api/entry-points/national/emergency", {"text": TEXT}),
    ("DELETE", "/api/entry-points/national/emergency", None),
    ("PUT", "/api/queues/sjuk/spare-message", {"text": TEXT}),
    ("DELETE", "/api/queues/sjuk/spare-message", None),
    ("PUT", "/api/skills/partner/spare-message", {"text": TEXT}),
    ("DELETE", "/api/skills/partner/spare-message", None),
]


async def noted(desk: DeskWorld) -> list[tuple[str, str]]:
    async with desk.database.reading() as tx:
        assert await first_break(tx) is None
        return [(row.reader, row.what) for row in (await tx.execute(select(audit).order_by(audit.c.number))).all()]


async def skills(browser: Browser, agent: str) -> dict[str, Any]:
    shown = await browser.get("/api/supervision")
    return next(one for one in shown["agents"] if one["agent"] == agent)


async def log_on(desk: DeskWorld, *agents: Any) -> None:
    for agent in agents:
        await desk.world.routing.set_state(agent, state=AgentState.NOT_READY, reason="break")


async def test_a_supervisor_sets_skills_that_count_at_once_and_is_noted(desk: DeskWorld, browser: Browser) -> None:
    await desk.world.ready(BO)
    caller = await desk.world.caller("sjuk")
    await browser.log_in("disa")
    wish = {"skills": {"foralder": 4, "bostad": 3, "sjuk": 2, "svenska": 5}}
    assert (await browser.ask("PUT", "/api/agents/bo/skills", wish))[0] == 204
    offer = (await desk.world.desk(BO)).offer
    assert offer is not None and offer.contact == caller.contact
    shown = await skills(browser, "bo")
    assert {one["skill"]: one["level"] for one in shown["skills"]} == wish["skills"]
    assert shown["chosen_by"] == "disa" and shown["chosen_at"]
    assert await noted(desk) == [("disa", "set_skills:bo")]
    assert (await browser.ask("DELETE", "/api/agents/bo/skills?confirm=true"))[0] == 204
    shown = await skills(browser, "bo")
    assert shown["chosen_by"] == "" and {"skill": "sjuk", "level": 2} not in shown["skills"]
    assert (await noted(desk))[-1] == ("disa", "reset_skills:bo")


async def test_an_agent_whose_telephone_is_not_connected_is_shown_as_that_to_both(
    desk: DeskWorld, browser: Browser
) -> None:
    await log_on(desk, ASA)
    await desk.world.routing.set_state(ASA, state=AgentState.READY)
    await desk.world.routing.phones.counted({BO})
    await browser.log_in("disa")
    shown = await browser.get("/api/supervision")
    assert [one["agent"] for one in shown["agents"] if one["no_phone"]] == ["asa"], "who has logged off needs none"
    await browser.log_in("asa")
    assert (await browser.get("/api/desk"))["reason"] == "no_phone"


async def test_taking_the_last_agent_from_those_who_wait_is_a_conflict_until_it_is_confirmed(
    desk: DeskWorld, browser: Browser
) -> None:
    await log_on(desk, ASA, BO)
    await desk.world.caller("sjuk")
    await browser.log_in("disa")
    status, problem = await browser.ask("PUT", "/api/agents/asa/skills", {"skills": {"svenska": 5}})
    assert (status, problem["type"]) == (409, "urn:kundcenter:LastAgentError")
    assert "I kön Sjuk väntar 1 person, och ingen annan inloggad handläggare kan svara där." in problem["detail"]
    assert await noted(desk) == [], "nothing was changed, so nothing is noted"
    confirmed = {"skills": {"svenska": 5}, "confirm": True}
    assert (await browser.ask("PUT", "/api/agents/asa/skills", confirmed))[0] == 204
    assert [one["skill"] for one in (await skills(browser, "asa"))["skills"]] == ["svenska"]


async def test_an_agent_is_told_before_logging_off_whom_nobody_else_could_serve_and_may_log_off(
    desk: DeskWorld, browser: Browser
) -> None:
    await browser.log_in("asa")
    await browser.post("/api/agent/state", {"state": "NOT_READY", "reason": "break"})
    assert await browser.get("/api/agent/leaving") == {"warnings": []}
    await desk.world.caller("sjuk")
    [told] = (await browser.get("/api/agent/leaving"))["warnings"]
    assert told.startswith("I kön Sjuk väntar 1 person")
    await browser.post("/api/agent/state", {"state": "LOGGED_OFF"})
    assert (await desk.world.desk(ASA)).state is AgentState.LOGGED_OFF


async def test_an_emergency_is_put_up_shown_on_every_desk_and_taken_down(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("disa")
    wish = {"text": TEXT, "hours": 0.2}
    status, answer = await browser.ask("PUT", "/api/entry-points/national/emergency", wish)
    assert status == 200 and answer["ends_at"]
    assert (await browser.ask("PUT", "/api/queues/sjuk/spare-message", {"wording": "notice_queue_cases"}))[0] == 200
    async with await desk.browser() as asas:
        await asas.log_in("asa")
        emergency, spare = (await asas.get("/api/desk"))["notices"]
    assert (emergency["place"], emergency["name"], emergency["text"]) == ("entry_point", "national", TEXT)
    assert emergency["ends_soon"] is True and emergency["put_up_by"] == "disa"
    assert (spare["label"], spare["ends_soon"]) == ("Sjuk", False)
    assert spare["text"].startswith("Just nu kan vi inte se ärenden av det här slaget.")
    assert (await browser.ask("DELETE", "/api/entry-points/national/emergency"))[0] == 204
    assert [one["place"] for one in (await browser.get("/api/supervision"))["notices"]] == ["queue"]
    assert [what for _who, what in await noted(desk)] == [
        "put_up:entry_point:national",
        "put_up:queue:sjuk",
        "take_down:entry_point:national",
    ]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"text": "Det gäller 19900602-2397."}, "personnummer"),
        ({"text": "Hej\u0007"}, "styrtecken"),
        ({"text": "<script>alert(1)</script>"}, "kan inte läsas upp"),
        ({"text": "x" * 401}, "högst 400 tecken"),
        ({"text": "Ring igen senare."}, "Be aldrig någon"),
        ({}, "Skriv vad som ska sägas"),
    ],
)
async def test_what_cannot_be_said_is_refused_in_plain_swedish(
    desk: DeskWorld, browser: Browser, wish: dict[str, str], said: str
) -> None:
    await browser.log_in("disa")
    status, problem = await browser.ask("PUT", "/api/entry-points/national/emergency", wish)
    assert status == 422 and said in problem["detail"]
    assert (await browser.get("/api/supervision"))["notices"] == []


async def test_a_place_that_does_not_exist_and_a_skill_that_does_not_are_named(
    desk: DeskWorld, browser: Browser
) -> None:
    await browser.log_in("disa")
    assert (await browser.ask("PUT", "/api/queues/sjukk/spare-message", {"text": TEXT}))[0] == 404
    assert (await browser.ask("PUT", "/api/agents/nobody/skills", {"skills": {"sjuk": 1}}))[0] == 404
    for wish in ({"finska": 1}, {"sjuk": 9}, {"@asa": 1}):
        assert (await browser.ask("PUT", "/api/agents/asa/skills", {"skills": wish}))[0] == 422, wish
    assert (await browser.ask("PUT", "/api/entry-points/national/emergency", {"text": TEXT, "hours": 1000}))[0] == 422


@pytest.mark.parametrize(
    ("method", "path", "body"), [("GET", "/api/supervision", None), ("GET", "/api/texts/rates", None), *CHANGES]
)
async def test_only_supervisors_may(desk: DeskWorld, browser: Browser, method: str, path: str, body: Any) -> None:
    assert (await browser.ask(method, path, body))[0] == 401
    await browser.log_in("asa")
    assert (await browser.ask(method, path, body))[0] == 403
    assert await noted(desk) == []


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_another_sites_page_changes_nothing(
    desk: DeskWorld, browser: Browser, method: str, path: str, body: Any
) -> None:
    await browser.log_in("disa")
    for marks in ({"X-KC-CSRF": "guess"}, {"Origin": "https://elsewhere.example"}):
        assert (await browser.ask(method, path, body, headers=marks))[0] == 403, marks
    assert await noted(desk) == []
