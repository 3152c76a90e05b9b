"""A meeting is closed with its documentation in one transaction, once, and what was written is never changed (FL 27 §)."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from contacts.ledger import count
from contacts.model import Outcome
from core.events import Event
from core.ids import AgentId, PersonId
from meetings import documenting_store
from meetings.documentation import Handed
from meetings.errors import (
    DocumentMissingError,
    MeetingChangedError,
    MeetingOverError,
    NextStepMissingError,
    TooEarlyError,
)
from meetings.events import DocumentHandedOver, MeetingDone
from meetings.model import Meeting, State, Wish
from meetings.service import Meetings
from storage.database import Database
from tests.fakes.clock import HandClock
from tests.integration.meetings.books import faults

BO, ASA = AgentId("bo"), AgentId("asa")


@dataclass(frozen=True)
class Words:
    text: str = "Vi pratade om <b>pengarna</b>."
    agreed: str = "Att du skickar hyresavin."
    next_step: str = "Vi ringer dig på fredag."
    how: str = "digital"
    reason: str = ""


@pytest.fixture
async def begun(meetings: Meetings, clock: HandClock) -> Meeting:
    """A meeting that takes place just now."""
    wish = Wish(type="kundmote", person=PersonId("per_1"), offices=("norrby",))
    booked = await meetings.book(wish, (await meetings.times(wish))[0], by="citizen")
    clock.at = booked.starts_at + timedelta(minutes=40)
    return booked


async def test_it_is_closed_with_its_documentation_once_and_the_ledger_counts_it(
    meetings: Meetings, begun: Meeting, database: Database, clock: HandClock, told: list[Event]
) -> None:
    done = await meetings.documents.close(begun.meeting, Words(), by=BO, expected=begun.version)
    assert done.state is State.DONE and done.ended_at == clock.now()
    again = await meetings.documents.close(begun.meeting, Words(), by=BO, expected=begun.version)  # told twice
    assert again == done
    (fact,) = [one for one in told if isinstance(one, MeetingDone)]
    (handed,) = [one for one in told if isinstance(one, DocumentHandedOver)]
    assert (fact.has_document, handed.edition, fact.contact is not None) == (True, 1, True)
    async with database.reading() as tx:
        written = await meetings.documents.of(tx, begun.meeting)
        tally = await count(tx, start=begun.starts_at, end=clock.now())
    assert written is not None
    assert (written.made_by, written.made_at, written.handed_over_at) == (BO, clock.now(), clock.now())
    assert tally.outcomes[Outcome.ANSWERED] == 1
    assert await faults(database) == []
    with pytest.raises(MeetingOverError):
        await meetings.documents.close(begun.meeting, replace(Words(), text="Annat."), by=BO)
    with pytest.raises(MeetingOverError):
        await meetings.missed(begun.meeting)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (replace(Words(), text=" "), DocumentMissingError),
        (replace(Words(), how="none"), DocumentMissingError),
        (replace(Words(), next_step="\u200b "), NextStepMissingError),  # nothing that anybody could read
    ],
)
async def test_without_documentation_reason_or_next_step_it_stays_open_and_nothing_is_written(
    meetings: Meetings, begun: Meeting, database: Database, words: Words, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await meetings.documents.close(begun.meeting, words, by=BO)
    async with database.reading() as tx:
        assert (await meetings.get(tx, begun.meeting)).state is State.BOOKED
        assert await meetings.documents.of(tx, begun.meeting) is None


async def test_a_reason_closes_it_too_and_tells_that_nothing_was_handed_over(
    meetings: Meetings, begun: Meeting, database: Database, told: list[Event]
) -> None:
    await meetings.documents.close(begun.meeting, Words(text="", how="none", reason="Ville inte ha den."), by=BO)
    (fact,) = [one for one in told if isinstance(one, MeetingDone)]
    assert not fact.has_document and not [one for one in told if isinstance(one, DocumentHandedOver)]
    async with database.reading() as tx:
        written = await meetings.documents.of(tx, begun.meeting)
    assert written is not None
    assert (written.handed_over_at, written.reason) == (None, "Ville inte ha den.")


async def test_nobody_closes_what_has_not_begun_or_was_changed_meanwhile(
    meetings: Meetings, begun: Meeting, clock: HandClock
) -> None:
    clock.at = begun.starts_at - timedelta(seconds=1)
    with pytest.raises(TooEarlyError):
        await meetings.documents.close(begun.meeting, Words(), by=BO)
    clock.at = begun.starts_at
    with pytest.raises(MeetingChangedError):
        await meetings.documents.close(begun.meeting, Words(), by=BO, expected=begun.version - 1)
    await meetings.documents.close(begun.meeting, Words(), by=BO, expected=begun.version)


async def test_a_correction_is_an_edition_more_and_the_first_stays_as_it_was(
    meetings: Meetings, begun: Meeting, database: Database, clock: HandClock, told: list[Event]
) -> None:
    await meetings.documents.close(begun.meeting, Words(how="print"), by=BO)
    async with database.reading() as tx:
        (first,) = await meetings.documents.editions(tx, begun.meeting)
    clock.pass_time(hours=1)
    better = Words(text="Vi pratade om hyran.")
    made = await meetings.documents.correct(begun.meeting, better, by=ASA)
    assert await meetings.documents.correct(begun.meeting, better, by=ASA) == made  # told twice
    async with database.reading() as tx:
        editions = await meetings.documents.editions(tx, begun.meeting)
    assert list(editions) == [first, made]
    assert (made.edition, made.made_by, made.made_at, made.how) == (2, ASA, clock.now(), Handed.DIGITAL)
    assert [one.edition for one in told if isinstance(one, DocumentHandedOver)] == [2]
    with pytest.raises(NextStepMissingError):
        await meetings.documents.correct(begun.meeting, replace(better, next_step=""), by=ASA)


async def test_what_is_not_closed_has_nothing_to_correct(meetings: Meetings, begun: Meeting) -> None:
    with pytest.raises(MeetingOverError):
        await meetings.documents.correct(begun.meeting, Words(), by=BO)


async def test_closed_missed_and_cancelled_at_once_it_ends_one_way(
    meetings: Meetings, begun: Meeting, database: Database
) -> None:
    closing = [meetings.documents.close(begun.meeting, Words(), by=BO) for _ in range(3)]
    ways = (*closing, meetings.missed(begun.meeting), meetings.cancel(begun.meeting, by="citizen"))
    ends = await asyncio.gather(*ways, return_exceptions=True)
    assert all(isinstance(one, (Meeting, MeetingOverError)) for one in ends), ends
    async with database.reading() as tx:
        row = await meetings.get(tx, begun.meeting)
        editions = await meetings.documents.editions(tx, begun.meeting)
    assert len(editions) == (1 if row.state is State.DONE else 0)
    assert await faults(database) == []


async def test_what_breaks_in_the_middle_leaves_it_as_it_was(
    meetings: Meetings, begun: Meeting, database: Database, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(meetings.contacts, "close", breaks)
        with pytest.raises(RuntimeError):
            await meetings.documents.close(begun.meeting, Words(), by=BO)
    async with database.reading() as tx:
        assert (await meetings.get(tx, begun.meeting)).state is State.BOOKED
        assert await documenting_store.of(tx, begun.meeting) == []
    assert not [one for one in told if isinstance(one, MeetingDone)]
    assert await faults(database) == []


async def test_the_draft_follows_the_agenda_of_the_type(meetings: Meetings, begun: Meeting) -> None:
    draft = meetings.documents.draft(begun.type)
    assert [line for line in draft.splitlines() if line] == [
        f"{line}: " for line in meetings.policy.about["kundmote"].agenda
    ]
