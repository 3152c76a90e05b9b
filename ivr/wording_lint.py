"""Finds what is wrong with the wordings of a book: missing, unused, with unknown fields, hard, or sending away. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from contacts import readability
from core.language import Language
from ivr.flow import (
    AskDigits,
    Branch,
    Callback,
    Choice,
    End,
    FlowBook,
    Human,
    Inquire,
    Menu,
    Node,
    SayNode,
    SubFlow,
    Times,
)
from ivr.model import InquiryName
from ivr.wording import READY_MADE, SYSTEM_WORDINGS, Wordings

Row = tuple[str, str, str, str, str]
"""Severity, file, node, field, text."""

OPENING = frozenset({"opens_on", "opens_at"})
ANYWHERE = frozenset({"benefit"})
VALUES_OF: Mapping[InquiryName, frozenset[str]] = {
    InquiryName.HOURS: OPENING,
    InquiryName.OPENING_HOURS: OPENING,
    InquiryName.REQUEST_HUMAN: OPENING,
    InquiryName.SOONEST: frozenset({"time"}),
}
"""The fields that a wording may have beside an inquiry's result."""

OF_THE_POSITION = frozenset({InquiryName.IDENTIFIED, InquiryName.IN_LINE})


def check(book: FlowBook, recordings: Collection[tuple[Language, str]] | None) -> Iterator[Row]:
    """Go through what is wrong with the wordings, as rows."""
    used = {(language, key) for key in SYSTEM_WORDINGS for language in Language}
    for name, node in book.nodes():
        for said in said_by(node):
            yield from _used(book, name, said)
            used |= {(language, said.key) for language in said.languages}
        yield from _values_lost(book, name, node)
        yield from _web_only(book, name, node)
    yield from _system(book.wordings)
    yield from _texts(book.wordings, used)
    if recordings is not None:
        yield from _recordings(book.wordings, recordings)


@dataclass(frozen=True)
class Said:
    """What a node says: where it says so, the wording's key, the fields that it may have, the languages it is said in."""

    field: str
    key: str
    allowed: frozenset[str] = ANYWHERE
    languages: tuple[Language, ...] = tuple(Language)


def said_by(node: Node) -> Iterator[Said]:
    """Go through what a node says. A choice of a language is said in that language, and nowhere else."""
    if isinstance(node, SayNode | End | Human | AskDigits | Menu | Times):
        yield from (Said("say", key) for key in node.say)
    match node:
        case Menu() | Times():
            then_say = node.then_say if isinstance(node, Menu) else ()
            yield from (Said("then_say", key) for key in then_say)
            yield from (_of_choice(f"choices.{n}.say", one) for n, one in enumerate(node.choices))
        case Human():
            yield from _of_branch("closed", node.closed, OPENING)
            yield from (Said("invitation.say", key) for key in (node.invitation.say if node.invitation else ()))
        case AskDigits() | Inquire() | Callback() | SubFlow():
            values = VALUES_OF.get(node.inquiry, frozenset()) if isinstance(node, Inquire) else frozenset()
            for result, branch in node.results.items():
                yield from _of_branch(f"results.{result}", branch, values)
        case _:
            pass


def _of_choice(field: str, choice: Choice) -> Said:
    own = choice.language or choice.only
    return Said(field, choice.say, ANYWHERE | {"key"}, (own,) if own else tuple(Language))


def _of_branch(field: str, branch: Branch, values: frozenset[str]) -> Iterator[Said]:
    yield from (Said(f"{field}.say", key, ANYWHERE | values) for key in branch.say)


def _used(book: FlowBook, name: str, said: Said) -> Iterator[Row]:
    file, field, key, allowed = book.flow_of(name).file, said.field, said.key, said.allowed
    for language in said.languages:
        if key not in book.wordings.texts.get(language, {}):
            yield "error", file, name, field, f"the wording {key} is missing in {language}"
            continue
        fields = set(book.wordings.fields(language, key))
        for unknown in sorted(fields - allowed):
            yield "error", file, name, field, f"the wording {key} has a field {unknown} that nothing fills in here"
        if "key" in allowed and "key" not in fields:
            yield "error", file, name, field, f"the wording {key} does not say which key to press in {language}"


def _file(language: Language) -> str:
    return f"config/wording/{language}.yaml"


def _system(wordings: Wordings) -> Iterator[Row]:
    for key, allowed in SYSTEM_WORDINGS.items():
        for language in Language:
            if key not in wordings.texts.get(language, {}):
                yield "error", _file(language), "", key, "the product itself says this, and it is missing"
            for unknown in sorted(set(wordings.fields(language, key)) - allowed):
                yield "error", _file(language), "", key, f"the field {unknown} is not known here"


def _texts(wordings: Wordings, used: Collection[tuple[Language, str]]) -> Iterator[Row]:
    for language, texts in wordings.texts.items():
        file = _file(language)
        for key, text in texts.items():
            if key.startswith(READY_MADE):
                yield from _ready_made(wordings, language, key)
            elif (language, key) not in used:
                yield "warning", file, "", key, "no flow says this"
            if readability.turns_away(text):
                yield "error", file, "", key, "a caller is never asked to come back another time (N5)"
            if readability.is_hard(text):
                yield "warning", file, "", key, f"hard to follow: LIX {readability.lix(text):.0f} (R14)"


def _ready_made(wordings: Wordings, language: Language, key: str) -> Iterator[Row]:
    if wordings.fields(language, key):
        yield "error", _file(language), "", key, "nothing fills in the fields of a notice"
    for other in Language:
        if key not in wordings.texts.get(other, {}):
            yield "error", _file(other), "", key, "the notice is missing in this language"


def _recordings(wordings: Wordings, recordings: Collection[tuple[Language, str]]) -> Iterator[Row]:
    for language, texts in wordings.texts.items():
        for key in texts:
            if not wordings.fields(language, key) and (language, key) not in recordings:
                yield "info", _file(language), "", key, "no recording: this will be synthesised"


def _values_lost(book: FlowBook, name: str, node: Node) -> Iterator[Row]:
    """Values are said at once or not at all: another inquiry right after them has no memory of them."""
    branches = node.results if isinstance(node, Inquire) else {"closed": node.closed} if isinstance(node, Human) else {}
    for result, branch in branches.items():
        filled = {one for key in branch.say for one in book.wordings.fields(Language.SWEDISH, key)} - ANYWHERE
        if filled and not branch.answer and _inquires(book, branch.next):
            text = f"{', '.join(sorted(filled))} would be lost: another inquiry follows before anything is said"
            yield "error", book.flow_of(name).file, name, f"{result}.next", text


def _inquires(book: FlowBook, name: str) -> bool:
    for _ in range(20):
        node = book.find(name)
        match node:
            case Inquire() if node.inquiry not in OF_THE_POSITION:
                return True
            case Human() | Callback():
                return True
            case SayNode():
                name = node.next
            case SubFlow() if node.flow in book.flows:
                name = book.flows[node.flow].start
            case _:
                return False
    return False


def _web_only(book: FlowBook, name: str, node: Node) -> Iterator[Row]:
    """No node may send people to the web and then end (R22)."""
    if not isinstance(node, End | SayNode) or not _ends(book, node):
        return
    texts = [texts[key] for texts in book.wordings.texts.values() for key in node.say if key in texts]
    if any(readability.sends_to_the_web(text) for text in texts):
        yield "error", book.flow_of(name).file, name, "say", "this only sends people to the web (N5, R22)"


def _ends(book: FlowBook, node: Node | None) -> bool:
    for _ in range(20):
        if isinstance(node, SayNode):
            node = book.find(node.next)
    return isinstance(node, End)
