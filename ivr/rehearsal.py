"""A call on the engine alone, with nothing behind it: answers are made up by whoever rehearses. Pure.

For ``flow simulate``, for the property tests, and to measure the engine.
"""

from collections.abc import Callable

from ivr.engine import step
from ivr.flow import FlowBook
from ivr.model import (
    Began,
    Inquiry,
    InquiryAnswered,
    IvrAction,
    IvrEvent,
    Phase,
    Position,
    Tell,
)
from telephony.model import Ask, Digits, HangUp, Hold, NoInput, Said, Say, Utterance

Answerer = Callable[[Inquiry], InquiryAnswered]


class Rehearsal:
    """One caller and the engine. What is said is in ``heard``, what was told to others in ``told``."""

    def __init__(self, book: FlowBook, position: Position, answerer: Answerer) -> None:
        self.book = book
        self.position = position
        self.heard: list[Utterance] = []
        self.told: list[Tell] = []
        self.inquiries: list[Inquiry] = []
        self.actions: list[IvrAction] = []
        self._answerer = answerer
        self.happens(Began())

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
