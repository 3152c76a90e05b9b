"""What a happening on a leg means: a table over every state of a contact."""

from dataclasses import replace
from typing import Any

import pytest

from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId
from skills_routing.line.connection import (
    CitizenReached,
    Connection,
    EndOffer,
    HangUpStray,
    Leave,
    Part,
    Party,
    ReturnCaller,
    Take,
    actions_after,
    leg_answered,
    leg_ended,
)
from skills_routing.line.line_facts import Kind, LineFact, live_event
from skills_routing.mending.repairs import Repair, repair_for
from skills_routing.model import ContactState, OfferState, Policy
from skills_routing.store import Routed
from telephony.model import Bridge, EndCause, HangUp, Ring
from tests.unit.skills_routing.test_matching import NOW

CALLER = Party.read("caller con_1")
AGENT = Party.read("agent con_1 off_1 7")
OLD = Party.read("agent con_1 off_0 6")
GONE = Party.read("gone")


def connection(state: ContactState, **fields: Any) -> Connection:
    return Connection(
        contact=ContactId("con_1"),
        state=state,
        leg=LegId("leg_c"),
        agent=AgentId("asa"),
        agent_leg=LegId("leg_a"),
        offer=OfferId("off_1"),
        **{"token": 7, **fields},
    )


WAITING, OFFERED, DIALLED, CALLING, TALKING, WRAP_UP = (connection(state) for state in ContactState)
RUNG_BACK = connection(ContactState.TALKING, callback=CallbackId("cbk_1"))

ENDED = [
    # the caller hangs up while waiting, while being offered, while talking, and after the talk
    (WAITING, CALLER, EndCause.NORMAL, Leave("hung_up")),
    (OFFERED, CALLER, EndCause.NORMAL, Leave("hung_up")),
    (TALKING, CALLER, EndCause.NORMAL, Part("citizen")),
    (WRAP_UP, CALLER, EndCause.NORMAL, None),
    # the caller's line breaks
    (WAITING, CALLER, EndCause.FAULT, Leave("fault")),
    (TALKING, CALLER, EndCause.FAULT, Part("fault")),
    # a citizen who is rung before an agent does not answer, or hangs up
    (DIALLED, CALLER, EndCause.NO_ANSWER, Part("no_answer")),
    (DIALLED, CALLER, EndCause.NORMAL, Part("normal")),
    # a citizen who is rung back does not answer
    (CALLING, CALLER, EndCause.BUSY, Part("busy")),
    # the agent's phone rings and is not answered
    (OFFERED, AGENT, EndCause.NO_ANSWER, EndOffer(OfferState.TIMED_OUT, "missed")),
    (OFFERED, AGENT, EndCause.REJECTED, EndOffer(OfferState.REJECTED, "rejected")),
    (OFFERED, AGENT, EndCause.BUSY, EndOffer(OfferState.REJECTED, "phone_busy")),
    (OFFERED, AGENT, EndCause.UNREACHABLE, EndOffer(OfferState.RESCINDED, "phone_unreachable")),
    # the agent hangs up, or is lost
    (TALKING, AGENT, EndCause.NORMAL, Part("agent")),
    (TALKING, AGENT, EndCause.FAULT, ReturnCaller("agent_lost")),
    (TALKING, AGENT, EndCause.UNREACHABLE, ReturnCaller("agent_lost")),
    # one who was rung back has no line to go back to
    (RUNG_BACK, AGENT, EndCause.FAULT, Part("fault")),
    (CALLING, AGENT, EndCause.NORMAL, Part("agent_hung_up")),
    # the leg of an earlier offer, or of none
    (OFFERED, OLD, EndCause.NO_ANSWER, None),
    (TALKING, OLD, EndCause.FAULT, None),
    (WAITING, AGENT, EndCause.FAULT, None),
    (None, AGENT, EndCause.FAULT, None),
    (None, GONE, EndCause.NORMAL, None),
]

ANSWERED = [
    (OFFERED, AGENT, Take()),
    (TALKING, AGENT, None),  # told twice
    (CALLING, CALLER, CitizenReached()),
    (TALKING, CALLER, None),
    (OFFERED, OLD, HangUpStray()),  # answered too late: somebody else has the caller
    (None, AGENT, HangUpStray()),  # the caller is gone
    (None, GONE, HangUpStray()),
]


@pytest.mark.parametrize(("now", "party", "cause", "meaning"), ENDED)
def test_what_the_end_of_a_leg_means(now: Any, party: Party, cause: EndCause, meaning: Any) -> None:
    assert leg_ended(now, party, cause) == meaning


@pytest.mark.parametrize(("now", "party", "meaning"), ANSWERED)
def test_what_an_answered_leg_means(now: Any, party: Party, meaning: Any) -> None:
    assert leg_answered(now, party) == meaning


@pytest.mark.parametrize("cause", EndCause)
@pytest.mark.parametrize("state", ContactState)
@pytest.mark.parametrize("party", [CALLER, AGENT, OLD, GONE])
def test_every_end_of_every_leg_in_every_state_means_something_or_nothing(
    cause: EndCause, state: ContactState, party: Party
) -> None:
    leg_ended(connection(state), party, cause)
    leg_answered(connection(state), party)


def fact(kind: Kind, **fields: Any) -> LineFact:
    values = {"leg": LegId("leg_c"), "agent_leg": LegId("leg_a"), "agent": AgentId("asa"), "offer": OfferId("off_1")}
    return LineFact(fact=kind, at=0, contact=ContactId("con_1"), **{**values, **fields})


def test_an_offer_rings_the_agents_phone_with_ids_and_nothing_else() -> None:
    [ring] = actions_after(fact(Kind.OFFER_MADE), policy=Policy())
    assert isinstance(ring, Ring)
    assert (ring.target, ring.leg, ring.timeout_seconds) == ("agent-asa", "leg_a", 20.0)
    assert dict(ring.notes) == {"Contact": "con_1", "Offer": "off_1"}


def test_what_the_phones_do_after_each_decision() -> None:
    policy = Policy()
    assert actions_after(fact(Kind.JOINED), policy=policy) == (
        Bridge(bridge="bridge-con_1", legs=(LegId("leg_c"), LegId("leg_a"))),
    )
    assert actions_after(fact(Kind.OFFER_ENDED, how="accepted"), policy=policy) == ()
    assert actions_after(fact(Kind.OFFER_ENDED, how="canceled"), policy=policy) == (HangUp(leg=LegId("leg_a")),)
    assert actions_after(fact(Kind.RETURNED), policy=policy) == (HangUp(leg=LegId("leg_a")),)
    assert {action.leg for action in actions_after(fact(Kind.TALK_ENDED), policy=policy)} == {"leg_c", "leg_a"}  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", Kind)
def test_every_fact_is_told_or_is_nobodys_business(kind: Kind) -> None:
    event = live_event(fact(kind))
    assert event is None or event.occurred_at.year == 1970


def row(state: ContactState, token: int) -> Routed:
    return Routed(
        contact=ContactId("con_1"),
        state=state,
        leg=LegId("leg_c"),
        queue="sjuk",
        language="sv",
        line="sjuk:1",
        rank=1,
        waiting_since=NOW,
        entered_at=NOW,
        token=token,
    )


REPAIRS = [
    # both agree
    (row(ContactState.WAITING, 0), WAITING, True, None),
    (row(ContactState.TALKING, 7), TALKING, True, None),
    (row(ContactState.WRAP_UP, 7), WRAP_UP, True, None),
    (None, None, True, None),
    # the line never heard of it, or lost it
    (row(ContactState.WAITING, 0), None, True, Repair.ENTER),
    (row(ContactState.TALKING, 7), None, True, Repair.RESTORE),
    (row(ContactState.TALKING, 8), OFFERED, True, Repair.RESTORE),
    (row(ContactState.WRAP_UP, 7), TALKING, True, Repair.RESTORE),
    # SQL never heard of it
    (row(ContactState.WAITING, 0), TALKING, True, Repair.RECORD),
    (row(ContactState.TALKING, 7), WRAP_UP, True, Repair.RECORD),
    (row(ContactState.TALKING, 6), TALKING, True, Repair.RECORD),
    (row(ContactState.TALKING, 7), connection(ContactState.WAITING), True, Repair.RECORD),
    # left or wrapped up in SQL, and the line did not hear
    (None, WAITING, True, Repair.TAKE_OUT),
    (None, WRAP_UP, True, Repair.FINISH_WRAP_UP),
    # ended in the ledger
    (row(ContactState.WAITING, 0), WAITING, False, Repair.TAKE_OUT),
    (row(ContactState.TALKING, 7), TALKING, False, Repair.PART),
    (row(ContactState.WAITING, 0), None, False, Repair.FORGET),
    (row(ContactState.WRAP_UP, 7), WRAP_UP, False, None),
    # whom an agent picked to ring back: the record that makes the row was never written
    (None, RUNG_BACK, False, Repair.RECORD),
    (None, replace(RUNG_BACK, state=ContactState.OFFERED), False, None),  # there is none to write yet
]


@pytest.mark.parametrize(("in_sql", "in_line", "is_open", "repair"), REPAIRS)
def test_what_mends_two_stories_that_differ(
    in_sql: Routed | None, in_line: Connection | None, is_open: bool, repair: Repair | None
) -> None:
    assert repair_for(in_sql, in_line, is_open=is_open) is repair


@pytest.mark.parametrize(
    ("state", "over_up_to", "repair"),
    [
        (ContactState.WRAP_UP, 7, Repair.FINISH_WRAP_UP),  # the note is written, and the agent waits for nothing
        (ContactState.WRAP_UP, 6, Repair.RECORD),  # an attempt before this one is over
        (ContactState.CALLING, 7, None),  # its end is on its way
    ],
)
def test_of_one_who_is_rung_back_and_has_no_row_what_is_over_tells(
    state: ContactState, over_up_to: int, repair: Repair | None
) -> None:
    assert repair_for(None, replace(RUNG_BACK, state=state), is_open=False, over_up_to=over_up_to) is repair
