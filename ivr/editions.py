"""Which edition of the flows a call goes by: the one that it began with, as long as this process knows it. Pure.

Whoever is in a call when a file is changed has heard what the keys meant, and they keep meaning that. A process that
was started since knows the newest edition only, and takes the call over into it (:func:`taken_over`).
"""

from collections.abc import Sequence
from dataclasses import replace

from ivr.flow import FlowBook, SubFlow
from ivr.model import IvrEvent, Phase, Position, Resumed
from ivr.opening_hours import EntryPoint
from telephony.model import Digits, NoInput

MOST_KEPT = 8
"""So many editions of a day are kept beside the newest; a call from before them is taken over."""


class Editions:
    """The newest flows and entry points, and the flows of calls that began before the last changes."""

    def __init__(self, book: FlowBook, entry_points: Sequence[EntryPoint]) -> None:
        self._kept = {book.version: book}
        self.newest = book
        self.entry_points = tuple(entry_points)

    def renew(self, book: FlowBook, entry_points: Sequence[EntryPoint]) -> None:
        """Let calls that come from now on go by this book; opening hours count at once for all."""
        self._kept.pop(book.version, None)
        self._kept[book.version] = book
        for version in list(self._kept)[: -MOST_KEPT - 1]:
            del self._kept[version]
        self.newest = book
        self.entry_points = tuple(entry_points)

    def of(self, position: Position) -> FlowBook:
        """Return the book that a call goes by."""
        return self._kept.get(position.version, self.newest)

    def entry_point(self, name: str) -> EntryPoint:
        """Return an entry point; the first one when this was renamed since the call came in."""
        return next((point for point in self.entry_points if point.id == name), self.entry_points[0])

    def open_at(self, position: Position, event: IvrEvent) -> tuple[FlowBook, Position, IvrEvent]:
        """Return the book of a call, and the position and the event as they are in it."""
        if not position.version or position.version in self._kept:
            return self.of(position), position, event
        moved = taken_over(position, self.newest)
        asked = position.phase in (Phase.ASKING, Phase.ANSWERING)
        if asked and isinstance(event, Digits | NoInput) and event.ref == str(position.turn):
            event = Resumed()  # a key may mean something else now: say it again, as it is now
        return self.newest, moved, event


def taken_over(position: Position, book: FlowBook) -> Position:
    """Return where a call of another edition is in this book: in the same place, or on the way to a human."""
    human = book.flows[book.main].human
    waits = position.in_line or position.phase is Phase.WAITING

    def known(name: str, otherwise: str) -> str:
        return name if book.find(name) is not None else otherwise

    return replace(
        position,
        version=book.version,
        node=known(position.node, human if waits else ""),
        back=tuple(name for name in position.back if book.find(name) is not None),
        returns=tuple(name for name in position.returns if isinstance(book.find(name), SubFlow)),
        anchor=known(position.anchor, ""),
        onward=known(position.onward, human),
    )
