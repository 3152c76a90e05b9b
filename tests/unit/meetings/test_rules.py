"""What kind of meeting may be had for what, and who holds it."""

from dataclasses import replace
from datetime import date

import pytest

from core.ids import AgentId
from meetings.model import Wish
from meetings.register import Asker, Mode
from meetings.rules import refusal
from tests.unit.meetings.offices import MONDAY, register

GK = Wish(type="gemensam_kartlaggning", asked_by=Asker.PARTNER, given=frozenset({"checklist", "consent"}))
CONTACT = Wish(type="kontaktmote", given=frozenset({"consent"}))


@pytest.mark.parametrize(
    ("wish", "on", "refused"),
    [
        (Wish(type="overlamningsmote", asked_by=Asker.AGENT), MONDAY, ("not_valid_then", "omstallningsmote")),  # R62
        (Wish(type="omstallningsmote", asked_by=Asker.AGENT), date(2018, 5, 31), ("not_valid_then", "")),  # R62
        (GK, MONDAY, None),
        (replace(GK, asked_by=Asker.CITIZEN), MONDAY, ("not_asked_by", "")),  # asked by the employment service
        (replace(GK, given=frozenset({"consent"})), MONDAY, ("checklist_missing", "")),  # R75b
        (replace(GK, given=frozenset({"checklist"})), MONDAY, ("consent_missing", "")),  # R68
        (CONTACT, MONDAY, None),
        (replace(CONTACT, about_decision=True), MONDAY, ("about_a_decision", "kundmote")),  # R73
        (replace(CONTACT, enrols=True), MONDAY, ("enrolment", "")),  # R74
        (replace(CONTACT, handler=AgentId("mats")), MONDAY, ("not_in_pool", "")),  # R75
        (replace(CONTACT, handler=AgentId("sofia")), MONDAY, ("handler_unknown", "")),  # not one of ours
        (replace(CONTACT, handler=AgentId("lena")), MONDAY, None),
        (replace(CONTACT, handler=AgentId("lena"), is_protected=True), MONDAY, ("not_in_pool", "")),  # I-27
        (Wish(type="avstamningsmote", mode=Mode.PHONE), MONDAY, ("mode_not_offered", "")),
        (Wish(type="kundmote", about_decision=True), MONDAY, None),  # it is meant for that
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_named_with_what_is_meant_for_it(
    wish: Wish, on: date, refused: tuple[str, str] | None
) -> None:
    ours = register()
    assert refusal(ours, ours.types[wish.type], wish, on=on) == refused
