"""Keys that this process reads late: they were pressed when they were pressed."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from core.ids import LegId
from core.language import Language
from telephony import line
from telephony.asterisk.legs import AsteriskLeg, Background
from telephony.asterisk.reading import Reading
from telephony.asterisk.translate import Key, parse_event
from telephony.digits import NothingPressed, Pressed
from telephony.line import Report
from telephony.model import Ask, Collect, LegRole, Utterance

SWITCH = datetime(2026, 11, 24, 9, tzinfo=UTC).timestamp()
"""The switch's clock at the moment that is 100 by ours."""


def test_what_is_read_at_once_happens_when_it_is_read() -> None:
    reading = Reading()
    assert reading.note(SWITCH, now=100.0) == 100.0
    assert reading.note(SWITCH + 3, now=103.0) == pytest.approx(103.0)


def test_what_is_read_late_happened_before() -> None:
    reading = Reading()
    reading.note(SWITCH, now=100.0)
    assert reading.note(SWITCH + 1.0, now=103.0) == pytest.approx(101.0, abs=0.2)
    assert reading.note(SWITCH + 1.5, now=103.0) == pytest.approx(101.5, abs=0.2)


def test_an_event_that_does_not_say_when_it_happened_happens_now() -> None:
    reading = Reading()
    reading.note(SWITCH, now=100.0)
    assert reading.note(0.0, now=107.0) == 107.0


@pytest.mark.parametrize("seconds", [-3600.0, -2.0, 2.0, 3600.0])
def test_a_clock_of_the_switch_that_is_set_misleads_for_a_minute_at_most(seconds: float) -> None:
    reading = Reading()
    for second in range(10):
        reading.note(SWITCH + second, now=100.0 + second)
    for second in range(10, 70):
        happened = reading.note(SWITCH + seconds + second, now=100.0 + second)
        assert happened >= 100.0 + second - 2.1, "never more than what a small step looks like"
    assert happened == pytest.approx(169.0, abs=0.1)


def test_an_event_is_dated_as_asterisk_writes_it() -> None:
    told: dict[str, Any] = {"type": "ChannelDtmfReceived", "channel": {"id": "1.1"}, "digit": "7"}
    event = parse_event({**told, "timestamp": "2026-11-24T10:00:00.250+0100"})
    assert event == Key(leg=LegId("1.1"), key="7", told_at=SWITCH + 0.25)
    assert parse_event({**told, "timestamp": "soon"}) == Key(leg=LegId("1.1"), key="7")


# --- a question on a leg ------------------------------------------------------------------------------------------------


class DeafAri:
    async def request(self, *_: Any, **__: Any) -> None:
        return None


class Question:
    """A question on a leg; its clock is the loop's, and the switch's is an hour behind."""

    def __init__(self, *, most: int, between: float) -> None:
        self.reading = Reading()
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.leg = AsteriskLeg(
            LegId("1.1"), role=LegRole.CITIZEN, turn=1, ari=DeafAri(), background=Background(),
            report=self._reported, reading=self.reading,
        )  # fmt: skip
        collect = Collect(max_digits=most, first_seconds=between, between_seconds=between)
        ask = Ask(leg=self.leg.leg, utterances=(Utterance("Nummer?", Language.SWEDISH),), collect=collect, ref="1")
        self.leg.happened(line.ask(self.leg.line, ask, now=self.now))
        self.reads("", at=self.now)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def reads(self, key: str, *, at: float) -> None:
        happened = self.reading.note(SWITCH - 3600 + at, now=self.now)
        if key:
            self.leg.pressed(key, at=happened)

    def reads_later(self, key: str, *, at: float, read_at: float) -> None:
        asyncio.get_running_loop().call_at(read_at, lambda: self.reads(key, at=at))

    def _reported(self, _leg: LegId, report: Report) -> None:
        self.answer.set_result(report.what)


async def test_keys_that_were_pressed_in_time_and_read_too_late_are_read_whole() -> None:
    question = Question(most=4, between=0.15)
    begun = question.now
    question.reads("1", at=begun)
    # Held up until the time between two keys has run out; then what was pressed meanwhile comes, bit by bit.
    for number, key in enumerate("234", start=1):
        question.reads_later(key, at=begun + 0.05 * number, read_at=begun + 0.16 + 0.03 * number)
    assert await asyncio.wait_for(question.answer, 2) == Pressed("1234")


async def test_a_key_that_was_pressed_too_late_does_not_count_however_it_is_read() -> None:
    question = Question(most=4, between=0.15)
    begun = question.now
    question.reads("1", at=begun)
    question.reads_later("2", at=begun + 0.05, read_at=begun + 0.16)
    question.reads_later("", at=begun + 0.5, read_at=begun + 0.19)
    assert await asyncio.wait_for(question.answer, 2) == Pressed("12", complete=False)


async def test_whoever_presses_nothing_more_is_not_kept_waiting() -> None:
    question = Question(most=4, between=0.1)
    question.reads("1", at=question.now)
    assert await asyncio.wait_for(question.answer, 1) == Pressed("1", complete=False)


async def test_silence_is_told_of_though_other_calls_have_much_to_say() -> None:
    question = Question(most=4, between=0.1)
    question.leg.happened(line.prompt_ended(question.leg.line, 1, now=question.now))
    begun = question.now
    for number in range(400):  # for longer than we wait
        question.reads_later("", at=begun + 0.01 * number, read_at=begun + 0.01 * number)
    assert await asyncio.wait_for(question.answer, 2) == NothingPressed()
