"""The file of what citizens are told of meetings: complete, easy to read, and with nothing on an agenda that has no place there."""

import pytest

from core.errors import ConfigurationError
from core.language import Language
from meetings.policy import load_policy
from tests.unit.meetings.offices import POLICY, policy, register

TYPES = register().types


def test_the_file_that_we_ship_tells_everybody_why_in_both_languages() -> None:
    assert set(policy().about) == set(TYPES)
    assert all(set(about.purpose) == set(Language) for about in policy().about.values())
    assert [one.total_seconds() / 3600 for one in policy().reminders] == [72, 3]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  kundmote:\n", "  kundmote2:\n", "type kundmote: purpose: this is missing"),
        ("  kundmote:\n", "  kundmote2:\n", "type kundmote2: there is no such type"),
        ('      en: "We talk about your case.', '      xx: "We talk about your case.', "xx"),
        ("Hur stödet fungerar", "Inskrivning hos Arbetsförmedlingen", "type omstallningsmote: agenda: this belongs to"),
        ("Vilket stöd som finns", "Vårt beslut om pengarna", "type kontaktmote: agenda: this belongs to"),
        ("{id: ask, sv: \"Vad vill du fråga om?\"", "{id: changed, sv: \"Vad vill du fråga om?\"", "two have the same id"),
        ("tell_from_day: 60", "tell_from_day: 88", "latest_day: this is before tell_from_day"),
        (
            "Vi pratar om ditt ärende.",
            "Rehabiliteringskoordineringens förutsättningar problematiseras återkommande tillsammans med "
            "arbetsgivarrepresentanter, hälsosjukvården och myndighetsföreträdare från sjukförsäkringen.",
            "hard to read",
        ),
        ("Vad vill du fråga om?", "Vill du ringa igen senare?", "sends citizens away"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_it_is_refused_with_the_place(old: str, new: str, said: str) -> None:
    assert old in POLICY
    with pytest.raises(ConfigurationError) as refused:
        load_policy(POLICY.replace(old, new), types=TYPES)
    assert any(said in fault for fault in refused.value.faults), refused.value.faults


def test_a_decision_may_be_on_the_agenda_of_a_meeting_that_is_for_it() -> None:
    edited = load_policy(POLICY.replace("Ditt ärende och hur vi ser på det", "Vårt beslut"), types=TYPES)
    assert "Vårt beslut" in edited.about["kundmote"].agenda
