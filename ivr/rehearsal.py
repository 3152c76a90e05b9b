"""A call on the engine alone, with nothing behind it: answers are made up by whoever rehearses. Pure.

For ``flow simulate``, for the property tests, and to measure the engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from core.ids import CallbackId
from core.phone import PhoneNumber
from ivr import promised
from ivr.engine import step
from ivr.flow import FlowBook
from ivr.meeting_ports import Booked, How, Letter, Offered
from ivr.meeting_words import of_letter, of_meeting, of_offer
from ivr.model import (
    Began,
    FoundTimes,
    Inquiry,
    InquiryAnswered,
    InquiryName,
    IvrAction,
    IvrEvent,
    Line,
    Phase,
    Position,
    Tell,
    Time,
)
from ivr.opening_hours import OpeningHours, Span
from ivr.ports import Promise
from ivr.spoken import DigitGroups, Kronor, Name, Weekday
from telephony.model import Ask, Digits, HangUp, Hold, NoInput, Said, Say, Utterance

Answerer = Callable[[Inquiry], InquiryAnswered]

OPEN: Mapping[InquiryName, str] = {
    InquiryName.HOURS: "open",
    InquiryName.OPENING_HOURS: "open",
    InquiryName.LOCATE: "valid",
    InquiryName.VERIFY_CODE: "verified",
    InquiryName.NEXT_PAYMENTS: "found",
    InquiryName.CASE_STATUS: "found",
    InquiryName.HOW_TO_APPLY: "apply",
    InquiryName.CALENDAR: "none",
    InquiryName.CALLER_NUMBER: "known",
    InquiryName.KEYED_NUMBER: "valid",
    InquiryName.NUMBER_BACK: "known",
    InquiryName.SOONEST: "sure",
    InquiryName.TIMES: "found",
    InquiryName.OTHER_TIMES: "found",
    InquiryName.PROMISE_CALLBACK: "promised",
    InquiryName.PROMISE: "told",
    InquiryName.PROMISE_CODE: "told",
    InquiryName.OPEN_PROMISE: "none",
    InquiryName.KEEP_PROMISE: "kept",
    InquiryName.MOVE_PROMISE: "moved",
    InquiryName.CANCEL_PROMISE: "cancelled",
    InquiryName.TEXT_OFFER: "offer",
    InquiryName.TEXT_ASK: "asked",
    InquiryName.TEXT_AMOUNT: "allowed",
    InquiryName.TEXT_FORGET: "forgotten",
    InquiryName.MEETINGS: "found",
    InquiryName.NEXT_MEETING: "more",
    InquiryName.MEETING_LETTER: "found",
    InquiryName.MEETING_POSTCODE: "valid",
    InquiryName.MEETING_TIMES: "found",
    InquiryName.MEETING_OTHER_TIMES: "found",
    InquiryName.MEETING_HOLD: "held",
    InquiryName.MEETING_BOOK: "booked",
    InquiryName.MEETING_MOVE: "rebooked",
    InquiryName.MEETING_CANCEL: "cancelled",
    InquiryName.MEETING_FOLLOW_UP: "noted",
    InquiryName.REQUEST_HUMAN: "waiting",
}
"""How all goes well, in opening hours."""

CLOSED: Mapping[InquiryName, str] = {**OPEN, InquiryName.HOURS: "closed", InquiryName.REQUEST_HUMAN: "closed"}

_HOURS = OpeningHours(week=dict.fromkeys(range(7), (Span(time(8), time(20)),)))
_NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
_NIGHT = datetime(2026, 11, 24, 21, tzinfo=UTC)
_OURS, _THEIRS = "0771524524", PhoneNumber("+46701740605")
_TIMES = tuple(
    Time(starts_at=_NOW + timedelta(days=day, hours=hour), ends_at=_NOW + timedelta(days=day, hours=hour + 1))
    for day, hours in ((0, (2, 3, 7)), (1, (-2, 3)))
    for hour in hours
)
_SOON = Time(starts_at=_NOW + timedelta(minutes=10), ends_at=_NOW + timedelta(minutes=30))
_SOME_DAY = date(2026, 12, 18)
_LINES: Mapping[InquiryName, tuple[Line, ...]] = {
    InquiryName.NEXT_PAYMENTS: (
        Line(wording="payment", values={"benefit": Name("barnbidrag"), "date": _SOME_DAY, "amount": Kronor(1250)}),
    ),
    InquiryName.CASE_STATUS: (
        Line(wording="case_in_progress_until", values={"benefit": Name("foraldrapenning"), "date": _SOME_DAY}),
    ),
    InquiryName.OPENING_HOURS: (
        Line(wording="hours_of_day", values={"first_day": Weekday(0), "opens_at": time(8), "closes_at": time(20)}),
    ),
    InquiryName.CALENDAR: (Line(wording="calendar_day", values={"date": _SOME_DAY}),),
    InquiryName.CALLER_NUMBER: (Line(wording="number_own", values={"number": DigitGroups("070-174 06 05")}),),
    InquiryName.NUMBER_BACK: (Line(wording="number_back", values={"number": DigitGroups("070-174 06 05")}),),
}
_NO_DAY = (Line(wording="payment_without_day", values={"benefit": Name("barnbidrag")}),)
_WITH_LINES = (
    *("open", "closed", "found", "no_day", "known", "known_closed", "told", "moved"),
    *("more", "held", "booked", "rebooked"),
)
_MEETING = Booked(
    meeting="mtg_1", time=_TIMES[3], how=How.PHYSICAL, minutes=45, place="Storgatan 1, Norrby", direct=_THEIRS
)
_LETTER = Letter(
    purpose="Vi pratar om vad du behöver hjälp med.", whom="Lena", questions=("Vad är viktigast för dig?",),
    bring="Ta gärna med papper som du vill visa.",
)  # fmt: skip
_LINES_OF_MEETINGS: Mapping[InquiryName, tuple[Line, ...]] = {
    InquiryName.MEETINGS: of_meeting("meeting_coming", _MEETING, at=_NOW),
    InquiryName.NEXT_MEETING: of_meeting("meeting_coming", _MEETING, at=_NOW),
    InquiryName.MEETING_LETTER: of_letter(_LETTER, _MEETING, at=_NOW),
    InquiryName.MEETING_TIMES: of_offer(Offered(times=_TIMES, place=_MEETING.place)),
    InquiryName.MEETING_OTHER_TIMES: of_offer(Offered(times=_TIMES, place=_MEETING.place)),
    InquiryName.MEETING_HOLD: of_meeting("meeting_chosen", _MEETING, at=_NOW),
    InquiryName.MEETING_BOOK: of_meeting("meeting_is_booked", _MEETING, at=_NOW),
    InquiryName.MEETING_MOVE: of_meeting("meeting_is_moved", _MEETING, at=_NOW),
}
_MOMENTS = tuple(replace(one, ends_at=one.starts_at) for one in _TIMES)
_FOUND = {
    InquiryName.TIMES: _TIMES,
    InquiryName.OTHER_TIMES: _TIMES,
    InquiryName.MEETING_TIMES: _MOMENTS,
    InquiryName.MEETING_OTHER_TIMES: _MOMENTS,
}
_OF_ONE = frozenset({"held", "booked", "rebooked", "more"})


def made_up(results: Mapping[InquiryName, str]) -> Answerer:
    """Return an answerer that gives these results, with invented dates and amounts where the result has some."""

    def answer(inquiry: Inquiry) -> InquiryAnswered:
        result = results[inquiry.name]
        found = _FOUND.get(inquiry.name) if result == "found" else None
        return InquiryAnswered(
            turn=inquiry.turn,
            result=result,
            values={"opens_on": date(2026, 11, 25), "opens_at": time(8), "time": promised.between(_SOON, at=_NOW)},
            lines=_lines(inquiry, results) if result in _WITH_LINES else (),
            level=2 if result == "verified" else None,
            found=FoundTimes(at=_NOW, times=found) if found else None,
            meeting="" if inquiry.name is InquiryName.MEETING_TIMES else "mtg_1" if result in _OF_ONE else None,
        )

    return answer


def _lines(inquiry: Inquiry, results: Mapping[InquiryName, str]) -> tuple[Line, ...]:
    slot, at = inquiry.position.slot, _NIGHT if results[InquiryName.HOURS] == "closed" else _NOW
    promise = Promise(
        callback=CallbackId("cbk_1"), slot=slot, told=None if slot else _SOON, proof="274913", number_tail="05"
    )
    match inquiry.name:
        case InquiryName.NEXT_PAYMENTS if results[inquiry.name] == "no_day":
            return _NO_DAY
        case InquiryName.PROMISE:
            return promised.of_promise(promise, _HOURS, at=at, our_number=_OURS)
        case InquiryName.PROMISE_CODE:
            return promised.of_code(promise)
        case InquiryName.OPEN_PROMISE:
            return promised.of_known(promise, _HOURS, at=at, caller=_THEIRS)
        case InquiryName.MOVE_PROMISE:
            return (promised.of_time(promise, _HOURS, at=at),)
        case _:
            return _LINES.get(inquiry.name, ()) or _LINES_OF_MEETINGS.get(inquiry.name, ())


class Rehearsal:
    """One caller and the engine. What is said is in ``heard``, what was told to others in ``told``."""

    def __init__(
        self, book: FlowBook, position: Position, answerer: Answerer, *, notices: tuple[Utterance, ...] = ()
    ) -> None:
        self.book = book
        self.position = position
        self.heard: list[Utterance] = []
        self.told: list[Tell] = []
        self.inquiries: list[Inquiry] = []
        self.actions: list[IvrAction] = []
        self._answerer = answerer
        self.happens(Began(notices=notices))

    @property
    def over(self) -> bool:
        """Whether the call has been hung up."""
        return self.position.phase is Phase.ENDED

    @property
    def waits(self) -> bool:
        """Whether the caller waits for an agent."""
        return self.position.phase is Phase.WAITING

    def press(self, digits: str, *, complete: bool = True) -> None:
        """Press these digits, as the answer to what was asked."""
        position = self.position
        ref = str(position.turn)
        self.happens(
            Digits(occurred_at=position.arrived_at, leg=position.leg, digits=digits, ref=ref, complete=complete)
        )

    def silence(self) -> None:
        """Hear the prompt to its end, and do nothing."""
        position, ref = self.position, str(self.position.turn)
        if position.phase in (Phase.ASKING, Phase.ANSWERING):
            self.happens(NoInput(occurred_at=position.arrived_at, leg=position.leg, ref=ref))
        else:
            self.happens(Said(occurred_at=position.arrived_at, leg=position.leg, ref=ref))

    def happens(self, event: IvrEvent) -> None:
        """Let something happen, and have whatever is asked answered."""
        following: IvrEvent | None = event
        while following is not None:
            self.position, actions = step(self.book, self.position, following)
            following = None
            for action in actions:
                self.actions.append(action)
                match action:
                    case Ask() | Say():
                        self.heard.extend(action.utterances)
                    case Tell():
                        self.told.append(action)
                    case Inquiry():
                        self.inquiries.append(action)
                        following = self._answerer(action)
                    case Hold() | HangUp():
                        pass
