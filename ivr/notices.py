"""What supervisors have said to callers besides the flows: an emergency at an entry point, a word about a queue or a skill. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contacts.readability import turns_away
from core.language import Language
from ivr.wording import Wordings
from telephony.model import Utterance

LONGEST_TEXT = 400
USUAL = timedelta(hours=4)
LONGEST = timedelta(hours=72)
ENDS_SOON = timedelta(minutes=15)
"""So long before its end a notice is shown as ending soon, so that it can be put up anew."""

_PUNCTUATION = frozenset(" ,.:;!?()'\"%/&+-–—’”…")
_NUMBER = re.compile(r"\d(?:[ .:/–—-]{0,3}\d){9,}")


class Place(StrEnum):
    """Where a notice is heard: first of all at an entry point, or before waiting: in a queue, or for somebody with a skill."""

    ENTRY_POINT = "entry_point"
    QUEUE = "queue"
    SKILL = "skill"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is to be said: a text of one's own in Swedish and perhaps English, or the id of a ready-made wording."""

    text: str = ""
    text_en: str = ""
    wording: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A message that is up, since when, until when, and by whose hand."""

    number: int
    place: Place
    name: str
    message: Message
    put_up_by: str
    put_up_at: datetime
    ends_at: datetime

    def is_up(self, *, at: datetime) -> bool:
        """Tell whether callers hear it."""
        return self.put_up_at <= at < self.ends_at

    def ends_soon(self, *, at: datetime) -> bool:
        """Tell whether it is up and about to end by itself."""
        return self.is_up(at=at) and self.ends_at - at <= ENDS_SOON


def faults_in(message: Message, wordings: Wordings) -> tuple[str, ...]:
    """Return what keeps a message from being said, in Swedish sentences for the one who wrote it."""
    if message.wording:
        return tuple(_wording_faults(message, wordings))
    if not message.text.strip():
        return ("Skriv vad som ska sägas, eller välj en färdig text.",)
    return tuple(dict.fromkeys([*_text_faults(message.text), *_text_faults(message.text_en)]))


def _wording_faults(message: Message, wordings: Wordings) -> Iterator[str]:
    if message.text or message.text_en:
        yield "Skriv en egen text eller välj en färdig, inte båda."
    if message.wording not in wordings.ready_made():
        yield "Den färdiga texten finns inte."


def _text_faults(text: str) -> Iterator[str]:
    if len(text) > LONGEST_TEXT:
        yield f"Texten får ha högst {LONGEST_TEXT} tecken; den har {len(text)}."
    strange = next((one for one in text if not _can_be_said(one)), "")
    if strange:
        name = f"”{strange}”" if strange.isprintable() else "Ett osynligt styrtecken"
        yield f"{name} kan inte läsas upp. Använd bokstäver, siffror och vanliga skiljetecken."
    if any(_like_a_person(found) for found in _NUMBER.findall(text)):
        yield "Skriv aldrig ett nummer som kan vara ett personnummer i ett meddelande till alla."
    if turns_away(text):
        yield "Be aldrig någon att ringa en annan gång. Säg vad som gäller; alla får vänta kvar."


def _can_be_said(character: str) -> bool:
    return character in _PUNCTUATION or unicodedata.category(character) in {"Lu", "Ll", "Nd"}


def _like_a_person(written: str) -> bool:
    digits = "".join(str(unicodedata.digit(one)) for one in written if one.isdigit())
    return any(_has_birthday(digits[start : start + 10]) for start in range(len(digits) - 9))


def _has_birthday(ten: str) -> bool:
    month, day = int(ten[2:4]), int(ten[4:6])
    return 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91)


def spoken(message: Message, language: Language, wordings: Wordings) -> tuple[Utterance, ...]:
    """Return a message in a language; in Swedish when there is no other."""
    if message.wording:
        said = wordings.utterance(message.wording, language=language, values={})
        return (said,) if said else ()
    if language is Language.ENGLISH and message.text_en.strip():
        return (Utterance(message.text_en.strip(), language),)
    return (Utterance(message.text.strip(), Language.SWEDISH),)


def spoken_to_all(message: Message, wordings: Wordings) -> tuple[Utterance, ...]:
    """Return a message for callers who have not chosen a language: in Swedish, then in each other that it has."""
    every = [utterance for language in Language for utterance in spoken(message, language, wordings)]
    return tuple(dict.fromkeys(every))
