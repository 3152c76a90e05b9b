"""When a meeting may be closed (N7, R66, R67): what comes next is said, and the documentation handed over or missed for a reason."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import KundcenterError
from core.ids import AgentId
from meetings.documentation import Document, Handed, incomplete
from meetings.errors import DocumentMissingError, NextStepMissingError
from meetings.model import MeetingId

AT = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
WHOLE = Document(
    meeting=MeetingId("mtg_1"), edition=1, text="Vi pratade.", agreed="", next_step="Vi ringer.", how=Handed.PRINT,
    reason="", made_by=AgentId("bo"), made_at=AT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (WHOLE, None),
        (replace(WHOLE, how=Handed.DIGITAL), None),
        (replace(WHOLE, text=" \n"), DocumentMissingError),  # blank is not there
        (replace(WHOLE, text="", agreed="Att ses igen."), DocumentMissingError),  # an agreement is no documentation
        (
            replace(WHOLE, text="", reason="Ville inte ha."),
            DocumentMissingError,
        ),  # a reason belongs to not handing over
        (replace(WHOLE, next_step=""), NextStepMissingError),
        (replace(WHOLE, next_step=" "), NextStepMissingError),
        (replace(WHOLE, how=Handed.NONE), DocumentMissingError),  # not handed over, and nobody says why
        (replace(WHOLE, how=Handed.NONE, reason=" "), DocumentMissingError),
        (replace(WHOLE, how=Handed.NONE, reason="Gick innan vi var klara."), None),
        (replace(WHOLE, how=Handed.NONE, reason="Gick.", text=""), None),
        (replace(WHOLE, how=Handed.NONE, reason="Gick.", next_step=""), NextStepMissingError),  # also then (R67)
    ],
)
def test_what_keeps_a_meeting_from_being_closed(document: Document, missing: type[KundcenterError] | None) -> None:
    found = incomplete(document)
    assert (type(found) if found else None) is missing


def test_it_is_handed_over_as_it_is_written_or_not_at_all() -> None:
    assert WHOLE.handed_over_at == AT
    assert replace(WHOLE, how=Handed.NONE).handed_over_at is None


def test_the_same_words_of_the_same_person_are_the_same_whenever_they_come() -> None:
    assert WHOLE.says_the_same(replace(WHOLE, edition=2, made_at=AT.replace(hour=12)))
    assert not WHOLE.says_the_same(replace(WHOLE, made_by=AgentId("asa")))
    assert not WHOLE.says_the_same(replace(WHOLE, text="Vi pratade länge."))
