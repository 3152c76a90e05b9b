"""Everything that is said the same way to everybody, so that it can be spoken before anybody waits for it. Pure."""

from collections.abc import Iterator, Mapping

from core.language import Language
from ivr.flow import FlowBook, Menu, Times
from ivr.spoken import Name, Value
from telephony.model import Utterance


def unchanging(book: FlowBook) -> Iterator[Utterance]:
    """Yield each prompt without personal values once, what every caller hears first of all.

    That is all wordings without fields, and every choice of every menu; in normal speed, then slowly.
    """
    seen: set[Utterance] = set()
    for slow in (False, True):
        for language in Language:
            for utterance in (*_plain(book, language, slow), *_choices(book, language, slow)):
                if utterance not in seen:
                    seen.add(utterance)
                    yield utterance


def _plain(book: FlowBook, language: Language, slow: bool) -> Iterator[Utterance]:
    for key in book.wordings.texts.get(language, {}):
        if not book.wordings.fields(language, key):
            yield from _rendered(book, key, language, slow, {})


def _choices(book: FlowBook, language: Language, slow: bool) -> Iterator[Utterance]:
    for _name, node in book.nodes():
        for choice in node.choices if isinstance(node, Menu | Times) else ():
            if choice.only in (None, language):
                values: dict[str, Value] = {"key": int(choice.key), "benefit": Name(choice.benefit)}
                yield from _rendered(book, choice.say, choice.language or language, slow, values)


def _rendered(
    book: FlowBook, key: str, language: Language, slow: bool, values: Mapping[str, Value]
) -> Iterator[Utterance]:
    utterance = book.wordings.utterance(key, language=language, values=values, slow=slow)
    if utterance is not None:
        yield utterance
