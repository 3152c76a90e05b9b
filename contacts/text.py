"""Makes text from outside harmless to keep: no control characters, no marks that turn the writing, no endless length."""

import unicodedata


def one_line(text: str, *, most: int) -> str:
    """Return ``text`` as one line of at most ``most`` characters, without control, format and surrogate characters."""
    return " ".join(_visible(text, keep="").split())[:most].rstrip()


def several_lines(text: str, *, most: int) -> str:
    """Return ``text`` with its line breaks kept and everything else as in :func:`one_line`."""
    lines = (" ".join(line.split()) for line in _visible(text.replace("\r\n", "\n"), keep="\n").split("\n"))
    return "\n".join(lines).strip()[:most].rstrip()


def _visible(text: str, *, keep: str) -> str:
    return "".join(
        char if char in keep or not unicodedata.category(char).startswith("C") else " " * (char in "\t\n\r\v\f")
        for char in text
    )
