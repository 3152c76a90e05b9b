"""The languages that the product speaks to citizens in."""

from enum import StrEnum


class Language(StrEnum):
    """A language by its ISO 639-1 code."""

    SWEDISH = "sv"
    ENGLISH = "en"
