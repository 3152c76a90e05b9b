"""Where silence ends the call of somebody who has been given nothing yet (ADR 0017). Pure."""

from collections.abc import Callable, Iterable

from ivr.flow import AskDigits, Callback, End, FlowBook, Human, Inquire, Menu, Node, Return, SayNode, Times
from ivr.graph import edges, returns_to, takes_keys

_Ways = Callable[[str, Node], Iterable[str]]
_WHEN_CLOSED = frozenset({"closed", "known_closed"})


def sent_away_by_silence(book: FlowBook) -> set[str]:
    """Return the nodes where silence ends the call of a caller who has been given nothing.

    Silence may end a call after an answer, after a promise, and after what a ``say`` tells whoever chose to hear it; and
    while we are closed, where the wish to be rung back has just been offered. A wrong key never leads to an end.
    """
    return {
        name
        for name in _reached(book, [book.start], lambda name, node: _without_an_answer(book, name, node))
        if _silence_ends(book, book.find(name)) and not _is_asked_while_closed(book, name)
    }


def _reached(book: FlowBook, start: Iterable[str], ways: _Ways) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        node = book.find(name)
        if node is not None and name not in found:
            found.add(name)
            waiting.extend(ways(name, node))
    return found


def _without_an_answer(book: FlowBook, name: str, node: Node) -> list[str]:
    """Return where a caller comes to from here who gets no answer on the way."""
    by_zero = [book.flow_of(name).human] if takes_keys(node) else []
    match node:
        case Menu() | Times():
            told = {choice.next for choice in node.choices if isinstance(book.find(choice.next), SayNode)}
            return [*by_zero, *(edge.target for edge in edges(book, node) if edge.target not in told)]
        case AskDigits() | Inquire() | Callback():
            given = "promised" if isinstance(node, Callback) else ""
            otherwise = [node.otherwise] if isinstance(node, AskDigits) else []
            unanswered = [one.next for result, one in node.results.items() if not one.answer and result != given]
            return [*by_zero, *otherwise, *unanswered]
        case _:
            return [edge.target for edge in edges(book, node)]


def _silence_ends(book: FlowBook, node: Node | None) -> bool:
    """Tell whether silence leads to an end, and the caller neither comes to a human nor is asked again on the way."""
    otherwise = node.otherwise if isinstance(node, Menu | Times | AskDigits) else ""
    return any(isinstance(book.find(one), End) for one in _by_itself(book, [otherwise]))


def _by_itself(book: FlowBook, start: Iterable[str]) -> set[str]:
    """Return what a caller comes to from here without doing anything."""

    def ways(name: str, node: Node) -> Iterable[str]:
        if isinstance(node, Human) or takes_keys(node):
            return []
        if isinstance(node, Return):
            return [branch.next for branch in returns_to(book, name, node)]
        return [edge.target for edge in edges(book, node)]

    return _reached(book, start, ways)


def _is_asked_while_closed(book: FlowBook, name: str) -> bool:
    """Tell whether nobody comes here while we are open, and a choice leads to a promise, with one more question at most."""

    def while_open(name: str, node: Node) -> Iterable[str]:
        by_zero = [book.flow_of(name).human] if takes_keys(node) else []
        return [*by_zero, *(edge.target for edge in edges(book, node) if edge.label not in _WHEN_CLOSED)]

    if name in _reached(book, [book.start], while_open):
        return False
    first = _by_itself(book, _choices(book, name))
    second = _by_itself(book, [target for one in first for target in _choices(book, one)])
    return any(isinstance(book.find(one), Callback) for one in first | second)


def _choices(book: FlowBook, name: str) -> list[str]:
    node = book.find(name)
    return [choice.next for choice in node.choices] if isinstance(node, Menu | Times) else []
