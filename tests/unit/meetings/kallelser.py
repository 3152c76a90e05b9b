"""A meeting as it stands in a row, and its kallelse, with the offices and words that we ship."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.ids import AgentId, ContactId, PersonId
from meetings.kallelse import Kallelse, Method, compose
from meetings.letters import load_words
from meetings.model import Meeting, MeetingId, Parts, State
from meetings.register import Asker, Mode
from tests.unit.meetings.offices import policy, register

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
ROUTED = frozenset(one.number for one in register().handlers.values() if one.is_ours)
ROW = Meeting(
    meeting=MeetingId("mtg_1"), type="kundmote", state=State.BOOKED, mode=Mode.PHYSICAL, office="norrby",
    parts=Parts(staff=(AgentId("lena"),), room="norrby-1"), starts_at=AT, ends_at=AT + timedelta(minutes=45), quarters=4,
    asked_by=Asker.CITIZEN, matter="sjukpenning", person=PersonId("per_anna"), contact=ContactId("con_anna"),
    language="sv", needs=frozenset({"hearing_loop"}), handler=None, is_protected=False, made_at=AT - timedelta(days=9),
)  # fmt: skip


def kallelse(row: Meeting = ROW, *, method: Method = Method.REQUEST, **more: Any) -> Kallelse:
    values = {"register": register(), "about": policy().about[row.type], "words": load_words(), "routed": ROUTED} | more
    return compose(row, method=method, **values)


def with_staff(row: Meeting, *staff: str, interpreter: str | None = None) -> Meeting:
    names = tuple(AgentId(one) for one in staff)
    return replace(row, parts=replace(row.parts, staff=names, interpreter=interpreter))
