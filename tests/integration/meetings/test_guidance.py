"""What is unclear in the guidance waits until its owner has answered, and the answer is for everybody (R75j)."""

import pytest

from meetings.errors import AnswerMissingError, QuestionNotFoundError
from meetings.model import GuidanceQuestion
from meetings.service import Meetings
from storage.database import Database
from tests.fakes.clock import HandClock


async def waiting(meetings: Meetings, database: Database) -> list[GuidanceQuestion]:
    async with database.reading() as tx:
        return list(await meetings.guidance.waiting(tx))


async def answered(meetings: Meetings, database: Database, kind: str = "") -> list[GuidanceQuestion]:
    async with database.reading() as tx:
        return list(await meetings.guidance.answered(tx, kind))


async def answer(meetings: Meetings, database: Database, question: str, text: str) -> GuidanceQuestion:
    async with database.transaction() as tx:
        return await meetings.guidance.answer(tx, question, text, role="supervisor")


async def test_a_question_waits_until_it_is_answered_with_when_and_in_which_role(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    owner = await meetings.guidance.unclear("kundmote", "Vem kallar läkaren?")
    asked_at = clock.now()
    clock.pass_time(days=1)
    await meetings.guidance.unclear("kontaktmote", "Vem bokar rummet?")
    first, second = await waiting(meetings, database)
    assert (first.text, first.owner, first.asked_at) == ("Vem kallar läkaren?", owner, asked_at)
    done = await answer(meetings, database, first.question, "Handläggaren gör det.\x00")
    assert (done.answer, done.answered_at, done.answered_by) == ("Handläggaren gör det.", clock.now(), "supervisor")
    assert await waiting(meetings, database) == [second]
    assert await answered(meetings, database, "kundmote") == await answered(meetings, database) == [done]
    assert await answered(meetings, database, "kontaktmote") == []
    async with database.reading() as tx:
        numbers = [await meetings.guidance.number_waiting(tx, kind) for kind in ("kundmote", "kontaktmote")]
    assert numbers == [0, 1]


async def test_a_better_answer_takes_its_place_and_the_same_again_changes_nothing(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    await meetings.guidance.unclear("kundmote", "Vem kallar läkaren?")
    (asked,) = await waiting(meetings, database)
    first = await answer(meetings, database, asked.question, "Vi gör det.")
    clock.pass_time(hours=1)
    assert await answer(meetings, database, asked.question, " Vi gör det. ") == first
    better = await answer(meetings, database, asked.question, "Handläggaren gör det.")
    assert better.answered_at == clock.now() and await answered(meetings, database) == [better]


async def test_blank_words_are_no_answer_and_what_nobody_asked_is_not_there(
    meetings: Meetings, database: Database
) -> None:
    await meetings.guidance.unclear("kundmote", "Vem kallar läkaren?")
    (asked,) = await waiting(meetings, database)
    with pytest.raises(AnswerMissingError):
        await answer(meetings, database, asked.question, "\u200b ")
    with pytest.raises(QuestionNotFoundError):
        await answer(meetings, database, "gui_none", "Ja.")
    assert await waiting(meetings, database) == [asked]


async def test_the_report_tells_how_much_was_unclear_and_how_much_of_it_is_answered(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    for text in ("Vem kallar läkaren?", "Vem bokar?"):
        await meetings.guidance.unclear("kundmote", text)
    await answer(meetings, database, (await waiting(meetings, database))[0].question, "Vi gör det.")
    today = clock.now().date()
    (of,) = (await meetings.reports.report(today, today.replace(day=today.day + 1))).types
    assert (of.type, of.unclear, of.unclear_answered) == ("kundmote", 2, 1)
