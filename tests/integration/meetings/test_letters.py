"""A kallelse is written once for each change of a meeting, on each kind of database, and is one page on paper."""

import pypdfium2
import pytest

from core.events import Event
from meetings.adapters import pdf
from meetings.errors import NumberNotRoutedError
from meetings.events import KallelseMade
from meetings.kallelse import Method, as_text
from meetings.service import Meetings
from storage.database import Database
from tests.integration.meetings.test_booking import LENA
from tests.unit.meetings.kallelser import ROUTED, kallelse


async def test_it_is_written_once_for_each_change_and_the_newest_is_what_one_reads(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    meetings.letters.routed = lambda: ROUTED
    first, second, *_ = await meetings.times(LENA)
    row = await meetings.book(LENA, first, by="citizen")
    made = await meetings.letters.make(row.meeting)
    assert made is not None and await meetings.letters.make(row.meeting) == made
    assert await meetings.letters.make(row.meeting, method=Method.CANCEL) is None
    await meetings.move(row.meeting, second, by="citizen")
    moved = await meetings.letters.make(row.meeting)
    await meetings.cancel(row.meeting, by="citizen")
    assert await meetings.letters.make(row.meeting) is None, "nobody is called to what is cancelled"
    gone = await meetings.letters.make(row.meeting, method=Method.CANCEL)
    assert gone is not None and await meetings.letters.make(row.meeting, method=Method.CANCEL) == gone
    assert [fact.sequence for fact in told if isinstance(fact, KallelseMade)] == [0, 1, 2]
    async with database.reading() as tx:
        assert await meetings.letters.newest(tx, row.meeting) == gone
    assert moved is not None and moved.starts_at == second.starts_at


async def test_nothing_is_written_while_the_number_reaches_nobody_and_it_is_as_soon_as_it_does(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    row = await meetings.book(LENA, (await meetings.times(LENA))[0], by="citizen")
    with pytest.raises(NumberNotRoutedError):
        await meetings.letters.make(row.meeting)
    async with database.reading() as tx:
        assert await meetings.letters.newest(tx, row.meeting) is None
    assert not [fact for fact in told if isinstance(fact, KallelseMade)]
    meetings.letters.routed = lambda: ROUTED
    assert await meetings.letters.make(row.meeting) is not None


def test_on_paper_it_is_one_page_that_says_the_same_each_time_it_is_printed() -> None:
    made = kallelse(link="https://kundcenter.example/mote/" + "x" * 60)
    printed = pdf.letter(made)
    assert printed == pdf.letter(made)
    with pypdfium2.PdfDocument(printed) as document:
        assert len(document) == 1
        read = " ".join(document[0].get_textpage().get_text_range().split())
    for line in as_text(made).split("\n"):
        assert " ".join(line.split())[:60] in read, line


def test_letters_that_the_page_has_not_got_and_marks_of_its_own_language_do_no_harm() -> None:
    with pypdfium2.PdfDocument(
        pdf.paper("<b>Ł</b> & 東京", [("", ["<para>&amp;"])], language=kallelse().language)
    ) as document:
        assert document[0].get_textpage().get_text_range().split() == ["<b>?</b>", "&", "??", "<para>&amp;"]
