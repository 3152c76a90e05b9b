"""A call on the engine alone, with nothing behind it: answers are made up by whoever rehearses. Pure.

For ``flow simulate``, for the property tests, and to measure the engine.
"""

from collections.abc import Callable, Mapping
from datetime import date, time

from ivr.engine import step
from ivr.flow import FlowBook
from ivr.model import (
    Began,
    Inquiry,
    InquiryAnswered,
    InquiryName,
    IvrAction,
    IvrEvent,
    Line,
    Phase,
    Position,
    Tell,
)
from ivr.spoken import DigitGroups, Kronor, Name
from telephony.model import Ask, Digits, HangUp, Hold, NoInput, Said, Say, Utterance

Answerer = Callable[[Inquiry], InquiryAnswered]

OPEN: Mapping[InquiryName, str] = {
    InquiryName.HOURS: "open",
    InquiryName.OPENING_HOURS: "open",
    InquiryName.LOCATE: "valid",
    InquiryName.VERIFY_CODE: "verified",
    InquiryName.NEXT_PAYMENTS: "found",
    InquiryName.CASE_STATUS: "found",
    InquiryName.CALENDAR: "none",
    InquiryName.CALLER_NUMBER: "known",
    InquiryName.KEYED_NUMBER: "valid",
    InquiryName.NUMBER_BACK: "known",
    InquiryName.PROMISE_CALLBACK: "promised",
    InquiryName.REQUEST_HUMAN: "waiting",
}
"""How all goes well, in opening hours."""

CLOSED: Mapping[InquiryName, str] = {**OPEN, InquiryName.HOURS: "closed", InquiryName.REQUEST_HUMAN: "closed"}

_SOME_DAY = date(2026, 12, 18)
_LINES: Mapping[InquiryName, tuple[Line, ...]] = {
    InquiryName.NEXT_PAYMENTS: (
        Line(wording="payment", values={"benefit": Name("barnbidrag"), "date": _SOME_DAY, "amount": Kronor(1250)}),
    ),
    InquiryName.CASE_STATUS: (
        Line(wording="case_in_progress_until", values={"benefit": Name("foraldrapenning"), "date": _SOME_DAY}),
    ),
    InquiryName.CALENDAR: (Line(wording="calendar_day", values={"date": _SOME_DAY}),),
    InquiryName.NUMBER_BACK: (Line(wording="number_back", values={"number": DigitGroups("070-174 06 05")}),),
}


def made_up(results: Mapping[InquiryName, str]) -> Answerer:
    """Return an answerer that gives these results, with invented dates and amounts where the result has some."""

    def answer(inquiry: Inquiry) -> InquiryAnswered:
        result = results[inquiry.name]
        return InquiryAnswered(
            turn=inquiry.turn,
            result=result,
            values={"opens_on": date(2026, 11, 25), "opens_at": time(8)},
            lines=_LINES.get(inquiry.name, ()) if result in ("found", "known") else (),
            level=2 if result == "verified" else None,
        )

    return answer


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
