"""What one step of a call comes to: what is said and done, and the position that follows."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ivr.flow import FlowBook
from ivr.model import Inquiry, InquiryName, IvrAction, Line, Phase, Position, Tell
from ivr.spoken import Name, Value
from telephony.model import Ask, Collect, HangUp, Hold, Say, Utterance

MOST_REMEMBERED = 20
"""How many places back, and how many names of the path, a position keeps."""

CHOOSE = Collect(max_digits=1, first_seconds=6.0)
AFTER_ANSWER = Collect(max_digits=1, first_seconds=0.6)
"""An answer can be interrupted like a menu; silence right after it means that it was heard to its end."""


class Turn:
    """Gathers what is to be said until the caller has to do something, and the actions in order."""

    def __init__(self, book: FlowBook, position: Position) -> None:
        self.book = book
        self.position = position
        self.actions: list[IvrAction] = []
        self._said: list[Utterance] = []
        self._keys: list[str] = []
        if position.pending:
            self.change(pending=())
            self.say(position.pending)

    def change(self, **fields: Any) -> None:
        """Go on from a position with these fields changed."""
        kept = vars(self.position)
        if any(kept[name] != value for name, value in fields.items()):
            self.position = replace(self.position, **fields)

    def say(self, keys: Iterable[str], values: Mapping[str, Value] | None = None, *, personal: bool = False) -> None:
        """Add wordings to what is said next; an unknown one is left out."""
        for key in keys:
            self.say_one(key, values or {}, personal=personal)

    def say_one(self, key: str, values: Mapping[str, Value], *, personal: bool = False, **other: Any) -> None:
        """Add one wording, in the caller's language unless ``language`` says otherwise."""
        position = self.position
        known: dict[str, Value] = {"benefit": Name(position.benefit), **values}
        language = other.get("language", position.language)
        utterance = self.book.wordings.utterance(
            key, language=language, values=known, personal=personal, slow=position.tries >= 2
        )
        if utterance is not None:
            self._said.append(utterance)
            self._keys.append(key)

    def say_lines(self, lines: Iterable[Line], *, personal: bool) -> None:
        """Add the lines of an answer."""
        for line in lines:
            self.say_one(line.wording, line.values, personal=personal)

    def ask(self, collect: Collect, *, phase: Phase = Phase.ASKING) -> None:
        """Say what was gathered and take digits."""
        self.act(phase)
        self.actions.append(
            Ask(leg=self.position.leg, utterances=self._first(), collect=collect, ref=str(self.position.turn))
        )

    def inquire(self, name: InquiryName, *, digits: str = "", number: str = "", queue: str = "") -> None:
        """Have something found out; what was gathered is said together with what the answer adds."""
        self.act(Phase.INQUIRING, pending=tuple(self._keys))
        self._take()
        self.actions.append(Inquiry(name=name, position=self.position, digits=digits, number=number, queue=queue))

    def hold(self, *, listen_for: str, spares_talk: bool = False) -> None:
        """Let the caller wait with music, and say what was gathered over it; ``spares_talk`` is as in :class:`Hold`."""
        self.act(Phase.WAITING)
        position = self.position
        self.actions.append(
            Hold(leg=position.leg, listen_for=listen_for, ref=str(position.turn), spares_talk=spares_talk)
        )
        self.announce()

    def announce(self) -> None:
        """Say what was gathered, if anything, without asking for digits."""
        if self._said or self.position.notices:
            self.change(speaking=True)
            self.actions.append(Say(leg=self.position.leg, utterances=self._first(), ref=str(self.position.turn)))

    def end(self) -> None:
        """Say what was gathered, and then hang up."""
        self.act(Phase.ENDING)
        if self._said or self.position.notices:
            self.announce()
        else:
            self.hang_up()

    def hang_up(self) -> None:
        """End the call."""
        self.change(phase=Phase.ENDED)
        self.actions.append(HangUp(leg=self.position.leg))

    def tell(self, fact: Tell) -> None:
        """Let others know."""
        self.actions.append(fact)

    def act(self, phase: Phase, **fields: Any) -> None:
        """Begin something that an event will answer."""
        self.change(phase=phase, turn=self.position.turn + 1, speaking=False, **fields)

    def chose(self, *, name: str) -> None:
        """Remember where the caller was, to come back to, and by what name it is known to an agent."""
        position = self.position
        back = position.back if position.back[-1:] == (position.node,) else (*position.back, position.node)
        self.change(back=back[-MOST_REMEMBERED:], anchor="")
        self.walked(name)

    def walked(self, name: str) -> None:
        """Remember by name what was done, for the agent to see; never what was pressed."""
        self.change(path=(*self.position.path, name)[-MOST_REMEMBERED:])

    def _first(self) -> tuple[Utterance, ...]:
        """Return what is to be said, after the notices that the caller has not heard yet."""
        notices = self.position.notices
        self.change(notices=())
        return (*notices, *self._take())

    def _take(self) -> tuple[Utterance, ...]:
        said, self._said, self._keys = tuple(self._said), [], []
        return said
