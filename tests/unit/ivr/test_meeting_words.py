"""What is said of a meeting: all that one needs to get there, and no place of whoever has protected identity."""

from datetime import UTC, datetime, timedelta

import pytest

from core.language import Language
from core.phone import PhoneNumber
from ivr.meeting_ports import Booked, How, Letter, Offered
from ivr.meeting_words import of_letter, of_meeting, of_offer
from ivr.model import Line, Time
from ivr.spoken import Between, spoken
from tests.unit.ivr.shipped import wordings

AT = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
NOW = AT - timedelta(days=9)
PLACE = "Storgatan 1, Norrby"


def a_meeting(**other: object) -> Booked:
    values = {"how": How.PHYSICAL, "minutes": 45, "place": PLACE, "direct": PhoneNumber("+46701740661"), **other}
    return Booked(meeting="mtg_1", time=Time(starts_at=AT, ends_at=AT + timedelta(minutes=45)), **values)


def said(lines: tuple[Line, ...], language: Language = Language.SWEDISH) -> str:
    made = [wordings().utterance(one.wording, language=language, values=one.values) for one in lines]
    assert all(made)
    return " ".join(one.text for one in made if one)


def test_a_meeting_is_said_as_one_would_write_it_down() -> None:
    assert said(of_meeting("meeting_coming", a_meeting(), at=NOW)) == (
        "Du har ett möte med oss torsdag den tredje december klockan nio och trettio. Vi ses på Storgatan 1, Norrby. "
        "Mötet tar fyrtiofem minuter. Du når din handläggare på noll sju noll, ett sju fyra, noll sex, sex ett."
    )
    assert said(of_meeting("meeting_is_booked", a_meeting(how=How.PHONE), at=AT), Language.ENGLISH) == (
        "Thank you. Your meeting is booked, today at nine thirty in the morning. We will call you then. The meeting takes "
        "forty-five minutes. You reach the person you will meet on zero seven zero, one seven four, zero six, six one."
    )


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("language", Language)
def test_of_somebody_with_protected_identity_no_place_is_said(how: How, language: Language) -> None:
    protected = a_meeting(how=how, is_protected=True)
    letter = Letter(purpose="Vi pratar.", whom="Nora", questions=("Vad vill du?",), bring="")
    everything = said(of_letter(letter, protected, at=NOW), language)
    everything += said(of_offer(Offered(times=(), how=how, place=PLACE, is_protected=True)), language)
    assert "Norrby" not in everything and "Storgatan" not in everything


def test_a_letter_begins_with_why_one_meets_and_says_what_to_think_of() -> None:
    letter = Letter(
        purpose="Vi pratar om ditt ärende.", whom="Lena", questions=("Ett?", "Två?"), bring="Ta med papper."
    )
    words = [one.wording for one in of_letter(letter, a_meeting(), at=NOW)]
    assert words[0] == "letter_purpose" and words[-1] == "letter_change"
    assert words.count("letter_says") == 3
    bare = [one.wording for one in of_letter(Letter(purpose="Vi pratar."), a_meeting(direct=None), at=NOW)]
    assert not {"letter_whom", "letter_questions", "letter_says", "meeting_direct"} & set(bare)


@pytest.mark.parametrize(
    ("at", "swedish", "english"),
    [
        (datetime(2026, 3, 28, 8, tzinfo=UTC), "i dag klockan nio", "today at nine in the morning"),
        (datetime(2026, 3, 29, 7, tzinfo=UTC), "i morgon klockan nio", "tomorrow at nine in the morning"),  # DST began
        (
            datetime(2026, 10, 26, 8, tzinfo=UTC),  # the day after it ended
            "måndag den tjugosjätte oktober klockan nio",
            "on Monday the twenty-sixth of October at nine in the morning",
        ),
    ],
)
def test_a_moment_is_said_as_the_clock_on_the_wall_shows_it(at: datetime, swedish: str, english: str) -> None:
    moment = Between(at, at, said_at=datetime(2026, 3, 28, 7, tzinfo=UTC))
    assert (spoken(moment, Language.SWEDISH), spoken(moment, Language.ENGLISH)) == (swedish, english)
