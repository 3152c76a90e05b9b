"""Text from outside, made harmless to keep. Whoever shows it still has to escape it. Pure."""

import unicodedata


def tame(text: str, *, most: int) -> str:
    """Return the text without control, format and private characters (also those that turn the writing), and short."""
    kept = (character for character in text[: most * 4] if unicodedata.category(character)[0] != "C")
    return "".join(kept).strip()[:most]
