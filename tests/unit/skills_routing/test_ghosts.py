"""Who is busy with nobody, and with what nobody is busy."""

import pytest

from core.ids import AgentId, ContactId, LegId
from skills_routing.line.connection import Connection
from skills_routing.mending.ghosts import busy_with_nobody, left_alone
from skills_routing.model import ContactState

ASA, TALK = AgentId("asa"), ContactId("con_1")


def connection(agent: str = "asa", state: ContactState = ContactState.TALKING, leg: str = "leg_1") -> Connection:
    return Connection(contact=TALK, state=state, agent=AgentId(agent), leg=LegId(leg))


@pytest.mark.parametrize(
    ("record", "there", "is_ghost"),
    [
        ({"state": "BUSY", "contact": "con_1"}, connection(), False),
        ({"state": "BUSY", "contact": "con_1"}, connection("bo"), True),  # somebody else's call
        ({"state": "WRAP_UP", "contact": "con_1"}, None, True),  # a call that is not there
        ({"state": "RESERVED", "contact": ""}, None, True),  # no call at all
        ({"state": "BUSY", "contact": "", "load": "2"}, None, False),  # written work
        ({"state": "READY", "contact": "con_1"}, None, False),  # not busy
    ],
)
def test_an_agent_is_busy_with_nobody(record: dict[str, str], there: Connection | None, is_ghost: bool) -> None:
    assert (ASA in busy_with_nobody({ASA: record}, {TALK: there})) == is_ghost


@pytest.mark.parametrize(
    ("record", "there", "is_alone"),
    [
        ({"contact": "con_1"}, connection(), False),
        ({"contact": "con_2"}, connection(), True),
        ({"contact": ""}, connection(state=ContactState.WRAP_UP), True),
        ({"contact": ""}, connection(state=ContactState.OFFERED), False),  # its offer lapses by itself
        ({"contact": ""}, connection(leg=""), False),  # written: it waits for its agent
    ],
)
def test_a_contact_is_left_alone(record: dict[str, str], there: Connection, is_alone: bool) -> None:
    assert left_alone({ASA: record}, there) == is_alone


def test_a_contact_whose_agent_is_unknown_is_left_alone() -> None:
    assert left_alone({}, connection())
