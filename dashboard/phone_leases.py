"""Which page has which telephone of the demonstration. Kept in Redis; a page that is gone loses it within seconds."""

import hashlib
from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from dashboard.errors import NoPhoneFreeError, NotAllowedError
from storage.redis import our_errors

AFTER_CLOSING = 3
"""Seconds that a telephone is kept for a page whose connection has broken."""
_KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


class PhoneLeases:
    """Gives each page a telephone of its own. The key that goes with it is kept as a hash only."""

    def __init__(
        self, *, redis: Redis, phones: Sequence[str], new_secret: Callable[[], str], seconds: int = 15
    ) -> None:
        self.seconds = seconds
        self._redis = redis
        self._phones = tuple(phones)
        self._new_secret = new_secret

    async def take(self) -> tuple[str, str]:
        """Return a free telephone and the key to it; raises :class:`NoPhoneFreeError`."""
        key = self._new_secret()
        async with our_errors():
            for phone in self._phones:
                if await self._redis.set(_name(phone), _hash(key), nx=True, ex=self.seconds):
                    return phone, key
        raise NoPhoneFreeError

    async def keep(self, phone: str, key: str) -> None:
        """Prolong a lease; raises :class:`NotAllowedError` when the key is not that of this telephone's page."""
        if not await self._renew(phone, key, self.seconds):
            raise NotAllowedError

    async def loosen(self, phone: str, key: str) -> None:
        """Let the lease end in a moment, unless the page comes back: its connection is gone."""
        await self._renew(phone, key, AFTER_CLOSING)

    async def is_free(self, phone: str) -> bool:
        """Tell whether nobody has the telephone."""
        async with our_errors():
            return not await self._redis.exists(_name(phone))

    async def _renew(self, phone: str, key: str, seconds: int) -> bool:
        async with our_errors():
            return bool(key) and bool(await self._redis.eval(_KEEP, 1, _name(phone), _hash(key), seconds))


def _name(phone: str) -> str:
    return f"kc:phone_lease:{phone}"


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
