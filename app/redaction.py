"""What a line of the log may not hold is taken out of it, however deep it lies and whatever it is wrapped in (I-24)."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time, timedelta
from enum import Enum
from typing import Any

HIDDEN, NUMBER = "[dolt]", "[nummer]"
_DEEPEST, _MOST, _LONGEST = 8, 100, 20_000
_LARGEST = 10**7

_SECRET_FIELDS = frozenset(
    {
        *("digits", "code", "personal_code", "personnummer", "text", "note", "body", "pin", "pepper"),
        *("authorization", "proxy_authorization", "cookie", "set_cookie"),
    }
)
_SECRET_ENDINGS = ("password", "passwd", "secret", "token", "api_key", "apikey")

_GAP = r"[ \t\u00a0\u2007\u2009\u202f()+./\u2010-\u2015\u2212_-]{0,3}"
"""What people put between the digits of a number."""

_SUSPECT = re.compile(
    # Our ids, Asterisk's ids and instants are what a line is searched for by, and stay.
    r"(?P<kept>[a-z]{3}_[0-9a-z]{26}(?![0-9a-z])|(?<!\d)1[6-9][0-9]{8}\.[0-9]{1,9}(?![0-9a-z])"
    r"|(?<!\d)20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?!\d))"
    rf"|(?P<number>\+?\d(?:{_GAP}\d){{5,}})"
    r"|(?P<before>(?:password|passwd|secret|token|api_?key|pepper)(?:\\*[\"']\s*[:=]|\s*=)\s*"
    r"|(?:authorization|cookie)\\*[\"']?\s*[:=]\s*|\b(?:bearer|basic)\s+(?=\S{8}))"
    r"(?:b?\\*\"[^\"\\]*|b?\\*'[^'\\]*|(?:(?:bearer|basic|digest)\s+)?[^\s\"',;&)}\]]+)"
    r"|(?P<scheme>://)[^\s/@]+(?=@)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})|(?:0|[1-9][0-9]{0,4})\.[0-9]+")
"""Addresses of machines and fractions: no number of a person is written with full stops like these."""


def scrub(text: str) -> str:
    """Return the text with whatever may be a personnummer, a code, a phone number or a secret hidden; our ids stay.

    Six digits or more count as such a number, whatever separates them; a fraction or an IP address does not.
    """
    return _SUSPECT.sub(_instead, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _instead(found: re.Match[str]) -> str:
    if found["number"] is not None:
        return found.group() if _PLAIN.fullmatch(found["number"]) else NUMBER
    if found["kept"] is not None:
        return found.group()
    return f"{found['before'] or found['scheme']}{HIDDEN}"


def redacted(line: Mapping[str, Any], *, secrets: re.Pattern[str] | None = None) -> dict[str, Any]:
    """Return a line as values that JSON knows, with nothing in it that must not be read.

    ``secrets`` are the system's own, from :func:`any_of`, which are hidden wherever they stand.
    """

    def scrubbed(text: str) -> str:
        return scrub(secrets.sub(HIDDEN, text) if secrets else text)

    return {
        key: value if key in ("timestamp", "level") else _of(key, value, scrubbed, 0) for key, value in line.items()
    }


def any_of(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these secrets in a text; ``None`` for none. The very short would hide common words."""
    found = sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found))) if found else None


def _of(name: str, value: Any, scrubbed: Callable[[str], str], depth: int) -> Any:
    if _is_secret(name):
        return HIDDEN
    if isinstance(value, str) and not isinstance(value, Enum):
        return scrubbed(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and not isinstance(value, Enum):
        return NUMBER if abs(value) >= _LARGEST else value
    return _wrapped(value, scrubbed, depth)


def _wrapped(value: Any, scrubbed: Callable[[str], str], depth: int) -> Any:
    """Look into what holds other values; what is too deep or too much is left out, so that a line has its bounds."""
    if isinstance(value, date | time | timedelta):
        return str(value) if isinstance(value, timedelta) else value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return scrubbed(bytes(value[:_LONGEST]).decode("utf-8", "backslashreplace"))
    if isinstance(value, Mapping | list | tuple | set | frozenset) and depth >= _DEEPEST:
        return "[…]"
    if isinstance(value, Mapping):
        pairs = [(str(key), one) for key, one in list(value.items())[:_MOST]]
        return {scrubbed(key): _of(key, one, scrubbed, depth + 1) for key, one in pairs}
    if isinstance(value, list | tuple | set | frozenset):
        return [_of("", one, scrubbed, depth + 1) for one in list(value)[:_MOST]]
    return scrubbed(_told(value))


def _told(value: Any) -> str:
    try:
        if isinstance(value, BaseException):
            return f"{type(value).__name__}: {value}"
        return str(value.value) if isinstance(value, Enum) else repr(value)
    except Exception:  # a line is written whatever an object does when it is asked what it is
        return f"[{type(value).__name__}]"


def _is_secret(name: str) -> bool:
    plain = name.lower().replace("-", "_")
    return plain in _SECRET_FIELDS or plain.rstrip("s").endswith(_SECRET_ENDINGS)
