"""What we write, and what the file refuses."""

import pytest

from core.errors import ConfigurationError
from core.language import Language
from sms.gsm import Encoding
from sms.wording import LONGEST_VALUES, NAMES, load_texts
from tests.architecture.tree import ROOT

FILE = (ROOT / "config/sms.yaml").read_text("utf-8")
SEGMENTS = {
    "place_kept": (2, 2),
    "callback_given_up": (2, 2),
    "promised": (1, 1),
    "promised_from_now": (1, 1),
    "promised_already": (1, 1),
    "not_possible": (1, 1),
    "stopped": (1, 1),
    "started": (1, 1),
    "help": (1, 1),
    "other": (2, 1),
}
"""What each text costs with its longest values, in Swedish and in English."""


@pytest.mark.parametrize("name", NAMES)
def test_each_text_costs_what_we_think(name: str) -> None:
    texts = load_texts(FILE)
    found = [texts.write(name, language, LONGEST_VALUES) for language in (Language.SWEDISH, Language.ENGLISH)]
    assert [one.encoding for one in found] == [Encoding.GSM_7] * 2
    assert tuple(one.segments for one in found) == SEGMENTS[name]
    assert all("Försäkringskassan" in one.text and "{" not in one.text for one in found)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Svara RING.", "Svara RING på https://x.se.", "a text holds no link"),
        ("Tack! Vi ringer upp dig när", "Tack! Ring 0701740605 när", "no number but {number}"),
        ("Tack! Vi ringer upp dig när", "Tack! Vi ringer upp dig {namn} när", "there is no value 'namn'"),
        ("Tack! Vi ringer upp dig när", "Tack! Vi ringer upp dig ž när", "cost twice as much"),
        ("Tack! Vi ringer upp dig när", "Tack! " * 60, "at most 2 are allowed"),
        ("  promised:", "  promissed:", "this text is missing"),
        ('from: "20:00"', 'from: "07:00"', "begin in the evening"),
    ],
)
def test_the_file_says_what_is_wrong(before: str, after: str, says: str) -> None:
    assert before in FILE
    with pytest.raises(ConfigurationError, match="config/sms.yaml") as refused:
        load_texts(FILE.replace(before, after))
    assert says in str(refused.value)
