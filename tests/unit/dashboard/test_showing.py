"""What an agent sees of what the rooms below say."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cases.model import CaseState, CaseStatus, PersonCard
from contacts.model import Channel, Contact, State
from core.ids import ContactId
from core.language import Language
from dashboard import showing
from dashboard.configuration import load_desk
from dashboard.views import DeskView
from skills_routing.agents.desk import QueueLength

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
QUEUES = (QueueLength("sjuk", {Language.SWEDISH: "Sjuk", Language.ENGLISH: "Illness"}, 0, None),)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ((), []),  # nothing chosen yet
        (("main/menu:choice_talk",), ["Prata med någon"]),  # by the choice
        (("identify/code",), ["Skrev sin kod"]),  # by the place
        (("info/about:choice_talk",), ["Prata efter information"]),  # the whole name comes first
        (("main/menu:choice_talk", "talk/which:choice_talk"), ["Prata med någon"]),  # the same twice is said once
        (("new/thing:choice_new_thing",), ["new thing"]),  # without words: by its name
    ],
)
def test_what_a_caller_chose_is_said_in_words(path: tuple[str, ...], words: list[str]) -> None:
    labels = {
        "choice_talk": "Prata med någon",
        "identify/code": "Skrev sin kod",
        "info/about:choice_talk": "Prata efter information",
    }
    assert showing.steps_in_words(path, labels) == words


def test_a_contact_that_the_ledger_does_not_know_yet_is_shown_as_unknown() -> None:
    shown = showing.about(None, ContactId("con_1"), queue="sjuk", queues=QUEUES, steps={})
    assert (shown.queue_label, shown.level, shown.path) == ("Sjuk", 0, [])


def test_a_queue_that_is_no_more_is_shown_as_a_general_question() -> None:
    assert showing.queue_label("gone", QUEUES) == "Allmän fråga"


def test_a_card_names_benefits_and_hides_a_number_that_is_none() -> None:
    row = Contact(
        contact=ContactId("con_1"),
        channel=Channel.VOICE,
        state=State.WAITING,
        opened_at=AT,
        caller="anonymous",
        answers=("payment:barnbidrag", "calendar"),
    )
    card = showing.card(row, None, unavailable=False, benefits={"barnbidrag": "Barnbidrag"})
    assert (card.number, card.answers) == ("", ["payment:Barnbidrag", "calendar"])


def test_a_person_is_shown_with_what_is_missing() -> None:
    matter = CaseStatus(
        benefit="bostadsbidrag",
        state=CaseState.NEEDS_MORE,
        missing=("hyresavi",),
        decision_expected_on=date(2026, 12, 1),
    )
    seen = PersonCard(name="", language=Language.SWEDISH, protected=True, open_matters=(matter,))
    shown = showing.person(seen, benefits={})
    assert (shown.name, shown.protected, shown.matters[0].missing) == ("", True, ["hyresavi"])


def test_two_pictures_of_the_same_desk_look_alike_whenever_they_were_made() -> None:
    picture = DeskView(
        state="READY",
        reason="",
        since=AT,
        next_state="",
        next_reason="",
        offer=None,
        talk=None,
        wrap_up=None,
        written=[],
        lets_calls_in=False,
        queues=[],
        callbacks_waiting=0,
        callbacks_to_follow_up=0,
        notices=[],
        now=AT,
    )
    assert picture.looks_like(picture.model_copy(update={"now": AT.replace(hour=10)}))
    assert not picture.looks_like(picture.model_copy(update={"state": "BUSY"}))
    assert not picture.looks_like(None)


def test_every_choice_of_the_flows_has_words_for_the_agent() -> None:
    config = Path(__file__).parents[3] / "config"
    steps = load_desk((config / "desk.yaml").read_text("utf-8")).steps
    choices = {
        word
        for file in (config / "flows").glob("*.yaml")
        for word in re.findall(r"choice_\w+", file.read_text("utf-8"))
    }
    assert len(choices) > 15
    assert not choices - set(steps)
    assert "choice_human" in steps, "0, wherever the caller was"
