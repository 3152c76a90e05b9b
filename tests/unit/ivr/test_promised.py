"""What is said of a promise to ring back, and what can be promised of a wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.ids import CallbackId
from core.language import Language
from core.phone import PhoneNumber
from ivr import promised
from ivr.model import Line, Time, Wait
from ivr.opening_hours import OpeningHours
from ivr.opening_hours_file import load_opening_hours
from ivr.ports import Promise
from tests.unit.ivr.shipped import CONFIG, NOW, wordings

SV, EN = Language.SWEDISH, Language.ENGLISH
HOURS = load_opening_hours((CONFIG / "opening_hours.yaml").read_text("utf-8"))[0].hours
OURS = "0771524524"
PROMISE = Promise(callback=CallbackId("cbk_1"), proof="274918", number_tail="05")
AN_HOUR = timedelta(hours=1)
EVENING = NOW.replace(hour=20)


def time(hour: int, minute: int = 0, *, days: int = 0, lasts: timedelta = AN_HOUR) -> Time:
    """A time on the clock of Stockholm, which is an hour before UTC at the end of November."""
    starts_at = datetime(2026, 11, 24, hour - 1, minute, tzinfo=UTC) + timedelta(days=days)
    return Time(starts_at=starts_at, ends_at=starts_at + lasts)


def said(*lines: Line, language: Language = SV) -> list[str]:
    spoken = [wordings().utterance(line.wording, language=language, values=line.values) for line in lines]
    return [utterance.text for utterance in spoken if utterance is not None]


def when(promise: Promise, *, at: datetime = NOW, language: Language = SV) -> str:
    return said(promised.of_time(promise, HOURS, at=at), language=language)[0]


def test_a_promise_is_told_in_the_order_in_which_one_wants_to_know_it() -> None:
    told = replace(PROMISE, told=time(10, 10, lasts=timedelta(minutes=20)))
    assert said(*promised.of_promise(told, HOURS, at=NOW, our_number=OURS)) == [
        "Vi ringer upp dig.",
        "Det blir troligen i dag mellan klockan tio tio och tio trettio.",
        "Samtalet kommer från noll sju sju ett, fem två fyra, fem två fyra.",
        "Om du inte kan svara ringer vi igen, upp till tre gånger.",
        "Du behöver inte passa telefonen, och du behåller din plats.",
        "När vi ringer säger vi en kod, så att du vet att det är vi. Koden är två sju fyra, nio ett åtta.",
        "Vi frågar aldrig efter dina koder eller din e-legitimation när vi ringer.",
    ]


def test_whoever_has_chosen_a_time_keeps_that_and_no_place() -> None:
    told = said(*promised.of_promise(replace(PROMISE, slot=time(14)), HOURS, at=NOW, our_number=OURS))
    assert "Det blir i dag mellan klockan fjorton och femton." in told
    assert "Du behöver inte passa telefonen fram till dess." in told
    assert not any("plats" in text for text in told)


def test_without_a_code_nothing_is_said_of_one() -> None:
    told = said(*promised.of_promise(replace(PROMISE, proof=""), HOURS, at=NOW, our_number=OURS))
    assert not any("kod" in text for text in told)
    assert promised.of_code(replace(PROMISE, proof="")) == ()


@pytest.mark.parametrize(
    ("promise", "at", "swedish", "english"),
    [
        # a time that was chosen, tomorrow
        (
            replace(PROMISE, slot=time(8, days=1)),
            NOW,
            "Det blir i morgon mellan klockan åtta och nio.",
            "It will be tomorrow between eight and nine in the morning.",
        ),
        # on another day, across noon
        (
            replace(PROMISE, slot=time(11, days=10)),
            NOW,
            "Det blir fredag den fjärde december mellan klockan elva och tolv.",
            "It will be on Friday the fourth of December between eleven in the morning and twelve noon.",
        ),
        # nobody was sure when it is one's turn
        (PROMISE, NOW, "Det blir när det är din tur.", "It will be when it is your turn."),
        # what was foreseen has passed
        (
            replace(PROMISE, told=time(10, lasts=timedelta(minutes=10))),
            NOW + timedelta(hours=2),
            "Det blir när det är din tur.",
            "It will be when it is your turn.",
        ),
        # while we are closed
        (
            PROMISE,
            EVENING,
            "Det blir så snart vi kan när vi har öppnat, onsdag den tjugofemte november klockan åtta.",
            "It will be as soon as we can after we open, Wednesday the twenty-fifth of November at eight in the morning.",
        ),
    ],
)
def test_when_we_ring_is_said_as_one_speaks(promise: Promise, at: datetime, swedish: str, english: str) -> None:
    assert when(promise, at=at) == swedish
    assert when(promise, at=at, language=EN) == english


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        # from the number that we are to ring
        (PhoneNumber("+46701740605"), "Vi har lovat att ringa upp det här numret."),
        # an identified person, from another number
        (PhoneNumber("+46701740611"), "Vi har lovat att ringa upp dig på numret som slutar på noll fem."),
        # or from a withheld one
        (None, "Vi har lovat att ringa upp dig på numret som slutar på noll fem."),
    ],
)
def test_of_a_known_promise_only_that_and_when_is_said(caller: PhoneNumber | None, words: str) -> None:
    known = replace(PROMISE, slot=time(14))
    assert said(*promised.of_known(known, HOURS, at=NOW, caller=caller)) == [
        words,
        "Det blir i dag mellan klockan fjorton och femton.",
    ]


@pytest.mark.parametrize(
    ("least", "most", "turn"),
    [
        # out to whole five minutes
        (7, 13, ("10:05", "10:15")),
        # a range is never a point
        (5, 5, ("10:00", "10:05")),
        # nobody is sure
        (0, 0, None),
        # we close before
        (60, 700, None),
    ],
)
def test_of_a_wait_no_more_is_promised_than_is_sure(least: int, most: int, turn: tuple[str, str] | None) -> None:
    foreseen = promised.foreseen_turn(Wait(at=NOW, place=3, least=least, most=most), HOURS)
    clock = [f"{at + AN_HOUR:%H:%M}" for at in (foreseen.starts_at, foreseen.ends_at)] if foreseen else None
    assert clock == (list(turn) if turn else None)


def test_of_nobody_who_waits_nothing_is_foreseen() -> None:
    assert promised.foreseen_turn(None, HOURS) is None


def test_of_many_times_the_next_two_and_one_for_each_part_of_each_day_are_read_out() -> None:
    every = [time(hour, days=day) for day in range(6) for hour in range(8, 20) if day or hour > 10]
    chosen = promised.worth_saying(every, at=NOW)
    assert [(one.starts_at - NOW).days for one in chosen].count(0) >= 3
    assert chosen[:4] == (time(11), time(12), time(16), time(8, days=1))
    assert len(chosen) == promised.MOST_TIMES


def test_the_few_times_that_there_are_are_all_read_out() -> None:
    assert promised.worth_saying([time(8, days=1)], at=NOW) == (time(8, days=1),)
    assert promised.worth_saying([], at=NOW) == ()
    one_morning = [time(8, days=1), time(9, days=1), time(10, days=1)]
    assert promised.worth_saying(one_morning, at=NOW) == tuple(one_morning[:2]), (
        "two to choose from, where there are two"
    )


def test_where_we_never_open_the_promise_still_can_be_told() -> None:
    assert said(promised.of_time(PROMISE, OpeningHours(week={}), at=NOW)) == ["Det blir när det är din tur."]
