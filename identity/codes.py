"""Hashes and checks the six-digit codes: argon2id, behind a secret key that is not in the database."""

import asyncio
import hmac
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from core.ids import PersonId
from identity.errors import BadCodeError, IdentityBusyError

AT_ONCE = 2
"""Each check takes 64 MiB and four threads for a tenth of a second; more at once would only make all of them wait."""

WAIT_SECONDS = 3.0


def rfc_9106() -> PasswordHasher:
    """Return the hasher that the product uses: RFC 9106 §4, the low-memory parameters."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _hash_of_nobody(time_cost: int, memory_cost: int, parallelism: int, hash_len: int) -> str:
    """Return what is worked on instead of a hash that is not there: made once in a process, since making it is the work."""
    hasher = PasswordHasher(time_cost, memory_cost, parallelism, hash_len)
    return hasher.hash("nobody has this code")


class Codes:
    """Checks codes in a thread, at most two at once. A person without a code costs the same work as one with it."""

    def __init__(self, *, pepper: bytes, hasher: PasswordHasher) -> None:
        self._pepper = pepper
        self._hasher = hasher
        self._nobody = _hash_of_nobody(hasher.time_cost, hasher.memory_cost, hasher.parallelism, hasher.hash_len)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def take_turn(self) -> None:
        """Wait for one's turn; raises :class:`IdentityBusyError` when it does not come in time. Then ``give_back``."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise IdentityBusyError from None

    def give_back(self) -> None:
        """Let the next one have a turn."""
        self._turns.release()

    async def hash(self, person: PersonId, code: str) -> str:
        """Return the hash to keep. Raises :class:`BadCodeError` for what is not six digits, or is too easily guessed."""
        if not is_code(code) or is_too_simple(code):
            raise BadCodeError
        return await asyncio.to_thread(self._hasher.hash, self._keyed(person, code))

    async def fits(self, kept: str | None, person: PersonId, code: str) -> bool:
        """Tell whether the code is the one whose hash was kept; for ``None`` do the same work and say no."""
        right = await asyncio.to_thread(self._verify, kept or self._nobody, self._keyed(person, code))
        return right and kept is not None

    def _keyed(self, person: PersonId, code: str) -> bytes:
        message = f"code:{person}:{code}".encode(errors="replace")
        return hmac.digest(self._pepper, message, "sha256")

    def _verify(self, kept: str, keyed: bytes) -> bool:
        try:
            return self._hasher.verify(kept, keyed)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            return False


def is_code(text: str) -> bool:
    """Tell whether this is six ASCII digits."""
    return len(text) == 6 and text.isascii() and text.isdigit()


def is_too_simple(code: str) -> bool:
    """Tell whether a code is one of the first that anybody would guess: one digit six times, or a run."""
    steps = {(int(after) - int(before)) % 10 for before, after in zip(code, code[1:], strict=False)}
    return len(steps) == 1 and steps <= {0, 1, 9}
