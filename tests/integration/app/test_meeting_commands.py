"""What an operator sees and does about meetings from the command line, also while nothing else of the system runs."""

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from app.cli.main import commands
from app.present import present_settings
from app.safety import complete
from app.wiring import Rooms, rooms_of
from core.ids import PersonId, Subject
from meetings.errors import (
    AnotherSeasonError,
    MeetingNotFoundError,
    MeetingRefusedError,
    PeriodRefusedError,
    QuestionNotFoundError,
    TaskNotFoundError,
    TaskOverError,
)
from meetings.hours import local_day
from meetings.model import Meeting, Wish


@pytest.fixture(autouse=True)
def a_site_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KC_DEMO": "true", "KC_SWITCH": "simulator", "KC_STATE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(commands, ["db", "upgrade"]).exit_code == 0


def run(*arguments: str) -> Result:
    with capture_logs():  # which go to standard error in a process of its own
        result = CliRunner().invoke(commands, ["meetings", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def told(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").output)


def test_a_time_is_found_booked_shown_moved_and_cancelled() -> None:
    first, _, later, *_ = told("free", "kundmote", "--postcode", "971 23", "--need", "step_free", "--mode", "physical")
    assert first["office"] == "norrby"
    booking = ("book", "kundmote", "--office", "norrby", "--at", first["starts_at"], "--handler", "lena")
    booked = told(*booking, "--key", "k")
    assert booked["state"] == "booked" and booked["staff"] == ["lena"] and booked["starts_at"] == first["starts_at"]
    assert told(*booking, "--key", "k") == booked == told("show", booked["meeting"])
    refused = run(*booking)
    assert refused.exit_code == 1 and refused.output.startswith("This time is no longer free")
    assert refused.output.count("norrby") == 3 and told(*booking)["taken"] is True
    said = run("move", booked["meeting"], "--office", "norrby", "--at", later["starts_at"]).output
    assert "moves        1" in said and "state        booked" in said
    assert told("cancel", booked["meeting"])["state"] == "cancelled"
    assert told("free", "kundmote", "--office", "norrby", "--handler", "lena", "--mode", "physical")[0] == first


def test_hours_are_those_on_the_wall_and_what_cannot_be_had_is_refused() -> None:
    time = run("free", "kundmote", "--office", "norrby", "--mode", "physical", "--most", "1").output.split()
    booked = told("book", "kundmote", "--office", "norrby", "--at", f"{time[1]}T{time[2][:5]}")
    assert booked["state"] == "booked"
    assert f"starts at    {' '.join(time[:2])} {time[2][:5]}" in run("show", booked["meeting"]).output
    assert run("book", "kundmote", "--office", "norrby", "--at", "tomorrow").exit_code == 2
    with pytest.raises(MeetingRefusedError, match="consent_missing"):
        run("free", "kontaktmote")
    assert told("free", "kontaktmote", "--given", "consent")
    with pytest.raises(MeetingNotFoundError):
        run("show", "mtg_nothing")


def test_where_a_protected_person_is_met_is_not_shown() -> None:
    async def protected(rooms: Rooms) -> Meeting:
        wish = Wish(type="kundmote", person=PersonId("per_1"), is_protected=True)
        return await rooms.meetings.book(wish, (await rooms.meetings.times(wish))[0], by="asa")

    async def work() -> Meeting:
        async with rooms_of(complete(present_settings())) as rooms:
            return await protected(rooms)

    booked = asyncio.run(work())
    for said in (run("show", booked.meeting).output, json.dumps(told("show", booked.meeting))):
        assert "protected" in said
        for word in (booked.office, *booked.parts.staff, booked.parts.room or "-", "per_1"):
            assert word not in said


def test_a_letter_is_printed_and_written_into_files_and_each_direct_number_is_told(tmp_path: Path) -> None:
    first = told("free", "kundmote", "--office", "norrby", "--handler", "lena", "--mode", "physical")[0]
    at = ("--office", "norrby", "--at", first["starts_at"], "--handler", "lena")
    booked = told("book", "kundmote", *at)["meeting"]
    text = run("letter", booked).output
    assert "Ring Lena på 070-174 06 61." in text and "Storgatan 1, Norrby" in text and "/mote/" in text
    run("letter", booked, "--pdf", str(tmp_path / "k.pdf"), "--ics", str(tmp_path / "k.ics"))
    assert (tmp_path / "k.pdf").read_bytes().startswith(b"%PDF")
    assert b"METHOD:REQUEST" in (tmp_path / "k.ics").read_bytes()
    reached = told("numbers")
    assert all(one["routed"] for one in reached) and len(reached) == 6
    assert "070-174 06 61  lena         to asa, carin, queue sjuk" in run("numbers").output


def test_what_is_to_be_offered_before_day_90_is_listed_and_answered_without_a_name() -> None:
    async def sick() -> None:
        async with rooms_of(complete(present_settings())) as rooms:
            day_60 = local_day(rooms.clock.now()) - timedelta(days=59)
            await rooms.meetings.tasks.sick_since(Subject("demo-08"), day_60, handler="lena")

    asyncio.run(sick())
    (task,) = told("tasks", "list", "--handler", "lena")
    assert (task["state"], task["told_before_day_90"], task["handler"]) == ("open", False, "lena")
    assert "demo-08" not in run("tasks", "list").output + json.dumps(task)
    assert told("tasks", "informed", task["task"])["told_before_day_90"] is True
    assert "1 task, 1 of them told before day 90." in run("tasks", "list").output
    assert [told("tasks", "answer", task["task"], said)["state"] for said in ("no", "yes")] == ["no", "yes"]
    assert told("tasks", "list") == told("tasks", "list", "--all", "--handler", "mats") == []
    assert "state                  over" in run("tasks", "end", task["task"]).output
    with pytest.raises(TaskOverError):
        run("tasks", "answer", task["task"], "no")
    with pytest.raises(TaskNotFoundError):
        run("tasks", "informed", "tsk_none")


def test_what_is_unclear_in_the_guidance_is_listed_and_answered() -> None:
    async def asks() -> None:
        async with rooms_of(complete(present_settings())) as rooms:
            await rooms.meetings.guidance.unclear("kundmote", "Vem kallar läkaren?")

    asyncio.run(asks())
    (asked,) = told("guidance", "list")
    assert (asked["type"], asked["text"], asked["answered_at"]) == ("kundmote", "Vem kallar läkaren?", None)
    assert "? Vem kallar läkaren?" in run("guidance", "list").output
    done = told("guidance", "answer", asked["question"], "Handläggaren gör det.")
    assert (done["answer"], done["answered_by"]) == ("Handläggaren gör det.", "operator") and done["answered_at"]
    assert told("guidance", "list") == [] and told("guidance", "list", "--answered") == [done]
    assert "= Handläggaren gör det.  (" in run("guidance", "list", "--answered").output
    with pytest.raises(QuestionNotFoundError):
        run("guidance", "answer", "gui_none", "Ja.")


def test_a_report_tells_of_types_beside_the_same_season_and_refuses_another() -> None:
    first = told("free", "kundmote", "--office", "norrby", "--handler", "lena")[0]
    told(
        "book",
        "kundmote",
        "--office",
        "norrby",
        "--at",
        first["starts_at"],
        "--handler",
        "lena",
        "--mode",
        first["mode"],
    )
    day = date.fromisoformat(first["starts_at"][:10])
    period = ("--from", str(day - timedelta(days=7)), "--to", str(day + timedelta(days=7)))
    found = told("report", *period)
    (of,) = found["types"]
    assert (of["type"], of["now"]["booked"], of["now"]["quality"], of["before"]["booked"]) == ("kundmote", 1, None, 0)
    assert found["period"] == {"first": period[1], "until": period[3]} and not found["is_over"]
    assert "lena" not in json.dumps(found).lower()
    said = run("report", *period).output
    assert "too few held them" in said and "The period is not over yet" in said
    with pytest.raises(AnotherSeasonError):
        run("report", *period, "--baseline-from", "2020-01-01", "--baseline-to", "2020-01-15")
    with pytest.raises(PeriodRefusedError):
        run("report", "--from", str(day), "--to", str(day))
    assert run("report", "--from", "summer", "--to", str(day)).exit_code == 2
