"""The real clock, the real ids and the real chance. Nothing else in the product knows them."""

import random
import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """Return a unique id that sorts by the time it was made: 48 bits of milliseconds and 80 of chance, in base 32."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    digits = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"


chance = random.random
"""Returns a number from 0 to below 1, for what is only likely; secrets come from :func:`new_secret`."""


def new_secret() -> str:
    """Return a secret that nobody can guess: 256 bits, safe in URLs and configuration files."""
    return secrets.token_urlsafe(32)


def new_proof() -> str:
    """Return six digits that nobody can guess, by which a citizen knows that it is we who ring."""
    return f"{secrets.randbelow(1_000_000):06d}"
