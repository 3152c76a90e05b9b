"""Which outcome a contact ends in, and which state may follow which."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.model import Channel, Contact, Outcome, State, TalkEnd, decide_outcome, name_fault
from contacts.states import ARROWS, is_a_path, may_follow
from core.ids import CallbackId, ContactId
from tests.fakes.clock import START

NEW = Contact(contact=ContactId("con_1"), channel=Channel.VOICE, state=State.SELF_SERVICE, opened_at=START)
WAITING = replace(NEW, state=State.WAITING, wants_human=True)
TALKING = replace(NEW, state=State.TALKING)
TALKED = replace(NEW, talk_ended_by=TalkEnd.AGENT)
PROMISED = replace(NEW, callback=CallbackId("cbk_1"))
ANSWERED_BY_MACHINE = replace(NEW, answers=("payment:barnbidrag",))


@pytest.mark.parametrize(
    ("contact", "fault", "outcome"),
    [
        (NEW, "", Outcome.ABANDONED),  # hung up before choosing
        (WAITING, "", Outcome.ABANDONED),  # hung up in the line, and nothing was offered
        (replace(WAITING, recovered=True), "", Outcome.ABANDONED_RECOVERED),  # an offer was sent after the hang-up
        (replace(WAITING, answers=("payment",)), "", Outcome.ABANDONED),  # heard a date, but wanted a human
        (ANSWERED_BY_MACHINE, "", Outcome.SELF_SERVED),  # heard what they wanted
        (TALKING, "", Outcome.ANSWERED),  # hung up on the agent
        (TALKED, "", Outcome.ANSWERED),  # the agent ended it
        (replace(NEW, talk_ended_by=TalkEnd.CITIZEN), "", Outcome.ANSWERED),  # the citizen ended it
        (replace(NEW, talk_ended_by=TalkEnd.FAULT), "", Outcome.LOST_TECHNICAL),  # the agent's line broke
        (replace(WAITING, talk_ended_by=TalkEnd.FAULT), "", Outcome.LOST_TECHNICAL),  # … and they hung up in the line
        (PROMISED, "", Outcome.CALLBACK_PROMISED),  # will be rung back
        (replace(PROMISED, answers=("payment",)), "", Outcome.CALLBACK_PROMISED),  # heard a date, too
        (replace(NEW, meeting="mtg_1"), "", Outcome.MEETING_BOOKED),  # booked a meeting, and hung up
        (replace(NEW, meeting="mtg_1"), "switch_restart", Outcome.MEETING_BOOKED),  # what is booked outlives a fault
        (replace(WAITING, meeting="mtg_1"), "", Outcome.MEETING_BOOKED),  # … and a wait that they left
        (replace(TALKED, meeting="mtg_1"), "", Outcome.ANSWERED),  # an agent booked it in a conversation
        (replace(PROMISED, meeting="mtg_1"), "", Outcome.CALLBACK_PROMISED),  # will be rung besides
        (PROMISED, "switch_restart", Outcome.CALLBACK_PROMISED),  # a promise outlives a fault
        (TALKED, "switch_restart", Outcome.ANSWERED),  # so does a conversation that was over
        (NEW, "switch_restart", Outcome.LOST_TECHNICAL),  # something of ours broke
        (ANSWERED_BY_MACHINE, "switch_restart", Outcome.LOST_TECHNICAL),  # in the middle of more
        (TALKING, "switch_restart", Outcome.LOST_TECHNICAL),  # in the middle of a conversation
        (replace(TALKED, state=State.WAITING, wants_human=True), "", Outcome.ABANDONED),  # sent on, then gave up
    ],
)
def test_a_contact_ends_in_the_outcome_of_what_happened_to_it(contact: Contact, fault: str, outcome: Outcome) -> None:
    assert decide_outcome(contact, fault=fault) is outcome


def any_contact() -> st.SearchStrategy[Contact]:
    return st.builds(
        replace,
        st.just(NEW),
        state=st.sampled_from(list(State)),
        wants_human=st.booleans(),
        answers=st.sampled_from([(), ("payment",)]),
        callback=st.sampled_from([None, CallbackId("cbk_1")]),
        talk_ended_by=st.sampled_from([None, *TalkEnd]),
        recovered=st.booleans(),
    )


@given(any_contact(), st.sampled_from(["", "switch_restart"]))
def test_every_contact_has_an_outcome_and_a_fault_exactly_when_it_was_lost(contact: Contact, fault: str) -> None:
    outcome = decide_outcome(contact, fault=fault)
    assert (outcome is Outcome.LOST_TECHNICAL) == bool(name_fault(contact, outcome, fault=fault))


def test_every_state_can_end_and_nothing_follows_the_end() -> None:
    assert all(State.ENDED in ARROWS[state] for state in State if state is not State.ENDED)
    assert not any(may_follow(State.ENDED, state) for state in State if state is not State.ENDED)


def test_a_life_begins_with_the_machine_and_takes_one_arrow_at_a_time() -> None:
    begin, wait, talk, end = State
    assert is_a_path([begin, wait, talk, wait, talk, begin, end, end])
    assert is_a_path([])
    assert not is_a_path([wait, talk])
    assert not is_a_path([begin, end, begin])
    for before, after in product(State, State):
        assert is_a_path([begin, before, after]) == (may_follow(begin, before) and may_follow(before, after))
