"""What is unclear in the guidance is asked and read by agents, answered by supervisors (R75j); they see the report, too."""

from datetime import timedelta

from meetings.following_store import guidance_questions
from meetings.hours import local_day
from storage.audit import audit
from tests.builders.desk_world import Browser, DeskWorld

ASKED = {"type": "kundmote", "text": "Vem kallar <b>läkaren</b>?"}
ANSWER = {"question": "gui_none", "text": "Handläggaren gör det."}
TO_ANSWER = "/api/guidance/answer"
PERIOD = "/api/meeting-report?from=2026-03-01&to=2026-09-01"


async def test_it_goes_to_its_owner_is_answered_by_a_supervisor_and_read_where_it_was_asked(
    desk: DeskWorld, browser: Browser
) -> None:
    await browser.log_in("bo")
    told = await browser.post("/api/guidance", ASKED)
    assert told == {"owner": "processledare-moten"}
    await browser.post("/api/guidance", {"type": "kundmote", "text": " "})
    assert (await browser.ask("POST", "/api/guidance", {"type": "fika", "text": "?"}))[0] == 422
    assert await browser.get("/api/guidance/answers?type=kundmote") == {"answered": [], "waiting": 1}
    async with await desk.browser() as supervisor:
        await supervisor.log_in("disa")
        board = await supervisor.get("/api/guidance")
        (asked,) = board["waiting"]
        assert (asked["text"], asked["owner"], board["answered"]) == (ASKED["text"], told["owner"], [])
        given = ANSWER | {"question": asked["question"]}
        assert (await supervisor.ask("PUT", TO_ANSWER, given | {"text": " "}))[0] == 422
        assert (await supervisor.ask("PUT", TO_ANSWER, ANSWER))[0] == 404
        assert (await supervisor.ask("PUT", TO_ANSWER, given))[0] == 204
        board = await supervisor.get("/api/guidance")
        assert board["waiting"] == [] and board["answered"][0]["answered_by"] == "supervisor"
    read = await browser.get("/api/guidance/answers?type=kundmote")
    assert [(one["text"], one["answer"]) for one in read["answered"]] == [(ASKED["text"], ANSWER["text"])]
    assert read["waiting"] == 0 and read["answered"][0]["answered_at"]
    async with desk.database.reading() as tx:
        (row,) = await tx.execute(guidance_questions.select())
        noted = [(one.reader, one.what) for one in await tx.execute(audit.select()) if "guidance" in one.what]
    assert not {"bo", "disa"} & set(map(str, row)), "neither who asked nor who answered"
    assert noted == [("disa", f"guidance_answer:{asked['question']}")], "who changed something stands in the chain"


async def test_only_a_supervisor_sees_what_waits_answers_and_sees_the_report(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("bo")
    await browser.post("/api/guidance", ASKED)
    for method, path in (("GET", "/api/guidance"), ("PUT", TO_ANSWER), ("GET", PERIOD)):
        assert (await browser.ask(method, path, ANSWER if method == "PUT" else None))[0] == 403
    async with await desk.browser() as supervisor:
        await supervisor.log_in("disa")
        report = await supervisor.get(PERIOD)
        assert report["baseline"] == {"first": "2025-03-01", "until": "2025-09-01"}
        assert (report["types"], report["offers"]["median_days"]) == ([], None)
        today = local_day(desk.world.time.now())
        (of,) = (await supervisor.get(f"/api/meeting-report?from={today}&to={today + timedelta(days=1)}"))["types"]
        assert (of["type"], of["now"]["held"], of["unclear"], of["now"]["quality"]["came"]) == ("kundmote", 0, 1, None)
        assert (await supervisor.ask("GET", f"{PERIOD}&baseline_from=2025-03-01"))[0] == 422, "half a period is none"
        earlier = f"{PERIOD}&baseline_from=2024-03-01&baseline_to=2024-09-01"
        assert (await supervisor.get(earlier))["baseline"]["first"] == "2024-03-01"
        status, problem = await supervisor.ask("GET", f"{PERIOD}&baseline_from=2025-09-01&baseline_to=2026-03-01")
        assert (status, problem["type"]) == (422, "urn:kundcenter:AnotherSeasonError")
