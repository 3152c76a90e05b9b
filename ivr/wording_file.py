"""Wording files: one YAML file per language, checked on reading."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationError
from core.language import Language
from ivr.wording import Wordings
from storage.edited_file import Faults, read_edited

Text = Annotated[str, Field(min_length=1, max_length=600)]


class WordingFile(BaseModel):
    """What is said in one language: keys and their text."""

    model_config = ConfigDict(extra="forbid")

    language: Language
    wording: dict[Annotated[str, Field(pattern=r"^[a-z0-9_.]+$")], Text]


def load_wording(text: str, *, file: str) -> WordingFile:
    """Read one wording file; raises :class:`ConfigurationError` naming file and field."""
    return read_edited(WordingFile, text, file=file)


def load_wordings(files: Mapping[str, str], *, names: Mapping[str, Mapping[Language, str]] | None = None) -> Wordings:
    """Read all wording files (file name → text); ``names`` are those of configured things, such as benefits."""
    faults = Faults()
    loaded = [faults.attempt(partial(load_wording, text, file=file)) for file, text in sorted(files.items())]
    read = [part for part in loaded if part is not None]
    faults.attempt(lambda: _refuse_doubles(part.language for part in read))
    faults.refuse()
    return Wordings({part.language: part.wording for part in read}, names or {})


def _refuse_doubles(languages: Iterable[Language]) -> None:
    seen: set[Language] = set()
    for language in languages:
        if language in seen:
            raise ConfigurationError(f"two wording files are in {language.name.lower()}")
        seen.add(language)
