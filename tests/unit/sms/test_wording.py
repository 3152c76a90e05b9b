"""What we write, and what the file refuses."""

from datetime import date, timedelta

import pytest

from contacts.readability import is_hard, lix, turns_away
from core.errors import ConfigurationError
from core.language import Language
from sms.gsm import Encoding
from sms.wording import LONGEST_VALUES, NAMES, in_words, load_texts, longest_lines, longest_when
from tests.architecture.tree import ROOT

FILE = (ROOT / "config/sms.yaml").read_text("utf-8")
SEGMENTS = {
    "place_kept": (2, 2),
    "callback_given_up": (2, 2),
    "promised": (2, 2),
    "promised_from_now": (2, 2),
    "promised_already": (2, 2),
    "not_possible": (1, 1),
    "stopped": (1, 1),
    "started": (1, 1),
    "help": (2, 2),
    "other": (2, 2),
    "question_over": (2, 2),
    "meeting": (1, 1),
    "nothing_done": (1, 1),
    "content": (2, 2),
    "content_more": (3, 3),
    "how_to_ask": (2, 2),
    "not_allowed": (1, 1),
    "shared": (2, 2),
    "cannot_see": (1, 1),
    "confirm_number": (1, 1),
    "number_bound": (2, 2),
    "number_not_asked": (2, 2),
    "not_mine": (1, 1),
    "forgotten": (1, 1),
    "notify": (2, 2),
    "notify_on": (1, 1),
    "notice_payment_set": (1, 1),
    "notice_payment_changed": (2, 2),
    "notice_decision": (2, 2),
    "notice_missing": (2, 2),
    "notice_callback": (1, 1),
    "human": (2, 2),
    "human_soon": (2, 2),
    "human_waiting": (2, 1),
    "thanks": (1, 1),
    "cut_off": (2, 2),
    "meeting_booked": (2, 2),
    "meeting_booked_phone": (2, 2),
    "meeting_moved": (2, 2),
    "meeting_cancelled": (1, 2),
    "meeting_reminder": (2, 2),
    "meeting_missed": (2, 2),
    "meeting_document": (2, 2),
    "meeting_follow_up": (2, 2),
    "follow_up_thanks": (1, 2),
    "meeting_where": (1, 1),
    "meeting_times": (2, 2),
    "meeting_new_times": (2, 2),
    "meeting_taken": (2, 2),
    "meeting_which": (2, 2),
    "meeting_sure": (2, 2),
    "meeting_kept": (1, 1),
    "meeting_none_booked": (1, 1),
    "meeting_none_free": (2, 2),
}
"""What each text costs with its longest values, in Swedish and in English."""


@pytest.mark.parametrize("name", NAMES)
def test_each_text_costs_what_we_think(name: str) -> None:
    texts = load_texts(FILE)
    longest = LONGEST_VALUES | {"lines": longest_lines(texts.phrases), "when": longest_when(texts.phrases)}
    found = [texts.write(name, language, longest) for language in (Language.SWEDISH, Language.ENGLISH)]
    assert [one.encoding for one in found] == [Encoding.GSM_7] * 2
    assert tuple(one.segments for one in found) == SEGMENTS[name]
    assert all("Försäkringskassan" in one.text and "{" not in one.text for one in found)


def test_no_value_becomes_longer_than_what_is_reckoned_with() -> None:
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    for language in Language:
        written = [in_words({"date": day, "amount": 10_000_000}, language, names=lambda _: None) for day in days]
        assert max(len(one["date"]) for one in written) <= len(LONGEST_VALUES["date"])
        assert {one["amount"] for one in written} == {LONGEST_VALUES["amount"]}


@pytest.mark.parametrize("name", NAMES)
def test_each_text_is_easy_to_read(name: str) -> None:
    text = load_texts(FILE).of[name][Language.SWEDISH]
    assert not is_hard(text), lix(text)
    assert not turns_away(text)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Svara RING.", "Svara RING på https://x.se.", "a text holds no link"),
        ("Tack! Vi ringer upp dig {when}", "Tack! Ring 0701740605 {when}", "no number but {number}"),
        ("Tack! Vi ringer upp dig {when}", "Tack! Vi ringer upp dig {namn}", "there is no value 'namn'"),
        ("Tack! Vi ringer upp dig {when}", "Tack! Vi ringer upp dig ž {when}", "cost twice as much"),
        ("Tack! Vi ringer upp dig {when}", "Tack! " * 60, "at most 2 are allowed"),
        ("  promised:", "  promissed:", "this text is missing"),
        ("  case_decided:", "  case_decide:", "no text has this name"),
        ("Svara 1 för ja, 2 för nej", "Svara 1 för ja", "what each of 1, 2 means"),
        ("Du får {amount} kr.", "Du får {kronor} kr.", "there is no value 'kronor'"),
        ("Du får {amount} kr.", "Du får {amount} kr. " + "Tack! " * 30, "segments; at most"),
        ('from: "20:00"', 'from: "07:00"', "begin in the evening"),
    ],
)
def test_the_file_says_what_is_wrong(before: str, after: str, says: str) -> None:
    assert before in FILE
    with pytest.raises(ConfigurationError, match="config/sms.yaml") as refused:
        load_texts(FILE.replace(before, after))
    assert says in str(refused.value)
