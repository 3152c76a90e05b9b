"""Local users, for the demonstration and for a site without a log-in service of its own."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.ids import AgentId
from dashboard.errors import LoginRefusedError


class Role(StrEnum):
    """What a person may do here."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, kw_only=True)
class User:
    """A person who may log in. ``password_hash`` (argon2id) is empty for one who may use the demo password."""

    id: AgentId
    name: str
    roles: frozenset[Role]
    password_hash: str = ""


class LocalUsers:
    """Checks passwords. It takes the same time whether or not there is such a user."""

    def __init__(self, users: Iterable[User], *, demo_password: str = "") -> None:
        self.renew(users)
        self._hasher = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)
        self._demo_hash = self._hasher.hash(demo_password) if demo_password else ""
        self._nobodys_hash = self._hasher.hash("a password that nobody has")
        self._at_once = asyncio.Semaphore(2)

    def renew(self, users: Iterable[User]) -> None:
        """Let these log in from now on."""
        self._users = {user.id: user for user in users}

    async def check(self, *, name: str, password: str) -> User:
        """Return the user with this name and password; raises :class:`LoginRefusedError`."""
        user = self._users.get(AgentId(name))
        known = (user.password_hash or self._demo_hash) if user else ""
        async with self._at_once:
            right = await asyncio.to_thread(self._fits, known or self._nobodys_hash, password)
        if user is None or not known or not right:
            raise LoginRefusedError
        return user

    def _fits(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
