"""Writes what is told of meetings: an instant as a day and an hour, a place without an address as a phrase. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime

from core.clock import STOCKHOLM
from core.language import Language
from sms.answers import Phrase, Value
from sms.wording import PLACES, in_words

MEETING = "meeting"
"""What is answered to whoever is a stranger, has a shared number or protected identity: it tells nothing of any of it."""

NO_ANSWER = frozenset({"meeting_none_free"})
"""Texts that do not give what was asked for."""


def in_text(
    values: Mapping[str, str | datetime], language: Language, *, write: Callable[[Phrase], str]
) -> dict[str, str]:
    """Return values as a text holds them. ``at`` is a day (``date``) and an hour (``at``), as texts about one meeting say it."""
    written: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, str):
            written[name] = write(Phrase(value)) if value in PLACES else value
            continue
        local = value.astimezone(STOCKHOLM)
        day: dict[str, Value] = {"date": local.date(), "at": f"{local:%H.%M}"}
        if name == "at":
            written |= in_words(day, language, names=lambda _: None)
        else:
            written[name] = write(Phrase("meeting_time", day))
    return written
