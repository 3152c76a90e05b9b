"""What we write to citizens, from the file that an operator edits; errors name the file and the text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationError
from core.language import Language
from sms.gsm import Encoding, Written, written
from sms.model import Policy
from storage.edited_file import Faults, read_edited

FILE = "config/sms.yaml"
NAMES = (
    "place_kept", "callback_given_up", "promised", "promised_from_now", "promised_already", "not_possible", "stopped",
    "started", "help", "other",
)  # fmt: skip
LONGEST_VALUES = {"until": "23.59", "number": "0771-524 524"}
"""The longest that each value becomes; the number of segments is checked with these."""

MOST_SEGMENTS = 2
_VALUE = re.compile(r"\{([^{}]*)\}")
_FORBIDDEN = re.compile(r"https?:|www\.|[0-9]{4,}")

_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Many = Annotated[int, Field(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class Texts:
    """Every text in every language, and how texts are sent."""

    of: Mapping[str, Mapping[Language, str]]
    policy: Policy

    def write(self, name: str, language: Language, values: Mapping[str, str]) -> Written:
        """Return a text in a language with its values put in; values that it does not name are left out."""
        template = self.of[name][language]
        return written(_VALUE.sub(lambda found: values[found.group(1)], template))


def stands_alone(texts: Texts, name: str) -> bool:
    """Tell whether a text can be sent to anybody at any time: it exists, and holds no value but our own number."""
    return (
        all(set(_VALUE.findall(text)) <= {"number"} for text in texts.of[name].values()) if name in texts.of else False
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Quiet(_Part):
    starts: _Clock = Field(alias="from")
    until: _Clock


class _Caps(_Part):
    number_per_day: _Many
    range_per_hour: _Many
    all_per_hour: _Many


class _File(_Part):
    quiet_hours: _Quiet
    caps: _Caps
    kept_days: Annotated[int, Field(ge=1, le=3650)] = 180
    texts: dict[str, dict[Language, str]]


def load_texts(text: str) -> Texts:
    """Read the file; raises :class:`ConfigurationError` with all that is wrong."""
    file = read_edited(_File, text, file=FILE)
    faults = Faults()
    for name in sorted({*NAMES, *file.texts}):
        if name not in NAMES or name not in file.texts:
            faults.add(FILE, f"texts.{name}", "this text is missing" if name in NAMES else "no text has this name")
            continue
        _check(name, file.texts[name], faults)
    faults.refuse()
    policy = Policy(
        quiet_from=time.fromisoformat(file.quiet_hours.starts),
        quiet_until=time.fromisoformat(file.quiet_hours.until),
        kept=timedelta(days=file.kept_days),
        **file.caps.model_dump(),
    )
    if policy.quiet_from <= policy.quiet_until:
        raise ConfigurationError(f"{FILE}: quiet_hours: they must begin in the evening and end in the morning")
    return Texts(file.texts, policy)


def _check(name: str, languages: Mapping[Language, str], faults: Faults) -> None:
    for language in Language:
        place = f"texts.{name}.{language}"
        template = languages.get(language)
        if not template:
            faults.add(FILE, place, "this text is missing")
            continue
        unknown = [value for value in _VALUE.findall(template) if value not in LONGEST_VALUES]
        if unknown:
            faults.add(FILE, place, f"there is no value {unknown[0]!r}")
            continue
        if _FORBIDDEN.search(template):
            faults.add(FILE, place, "a text holds no link, and no number but {number}")
        longest = written(_VALUE.sub(lambda found: LONGEST_VALUES[found.group(1)], template))
        if longest.encoding is not Encoding.GSM_7:
            faults.add(FILE, place, "it has a character that makes the whole text cost twice as much")
        elif longest.segments > MOST_SEGMENTS:
            faults.add(FILE, place, f"it needs {longest.segments} segments; at most {MOST_SEGMENTS} are allowed")
