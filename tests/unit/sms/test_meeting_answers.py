"""How times and places of meetings are written."""

from datetime import UTC, datetime
from pathlib import Path

from core.language import Language
from sms.meeting_answers import in_text
from sms.wording import load_texts

TEXTS = load_texts((Path(__file__).parents[3] / "config/sms.yaml").read_text("utf-8"))
AT = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)


def written(language: Language, **values: str | datetime) -> dict[str, str]:
    return in_text(values, language, write=lambda one: TEXTS.lines([one], language, names=lambda _: None))


def test_one_meeting_is_a_day_and_an_hour_and_several_are_one_value_each() -> None:
    assert written(Language.SWEDISH, at=AT, place="Storgatan 1, Norrby", direct="070-174 06 61") == {
        "date": "torsdag 3 december",
        "at": "09.30",
        "place": "Storgatan 1, Norrby",
        "direct": "070-174 06 61",
    }
    assert written(Language.ENGLISH, one=AT) == {"one": "Thursday 3 December at 09.30"}


def test_an_hour_is_that_of_the_clock_on_the_wall_when_it_changes() -> None:
    before, after = datetime(2026, 3, 28, 8, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert [written(Language.SWEDISH, at=at)["at"] for at in (before, after)] == ["09.00", "10.00"]


def test_where_there_is_no_address_a_phrase_says_how_one_meets() -> None:
    assert written(Language.SWEDISH, place="place_phone") == {"place": "vi ringer upp dig"}
    assert written(Language.ENGLISH, place="place_phone") == {"place": "we will call you"}
