"""How often one may try to log in. The try is counted before the password is looked at."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from core.clock import Clock
from dashboard.errors import TooManyLoginsError
from dashboard.store import login_tries
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class LoginLimit:
    """So many tries within the period: by one name from one place, and by one place whatever the name.

    There is no limit per name alone, for then anybody could lock out an agent.
    """

    per_name_and_place: int = 8
    per_place: int = 60
    period: timedelta = timedelta(minutes=15)


class LoginGate:
    """Counts tries in SQL, so that a restart forgets nothing."""

    def __init__(self, *, database: Database, clock: Clock, limit: LoginLimit | None = None) -> None:
        self._database = database
        self._clock = clock
        self._limit = limit or LoginLimit()

    async def count_try(self, *, name: str, place: str) -> None:
        """Count one try, committed; raises :class:`TooManyLoginsError` when there were too many before it.

        Names are kept as a hash, for people sometimes type their password in the wrong field.
        """
        now = self._clock.now()
        limits = {_key(name, place): self._limit.per_name_and_place, _key("", place): self._limit.per_place}
        async with self._database.transaction() as tx:
            await tx.execute(delete(login_tries).where(login_tries.c.tried_at < now - self._limit.period))
            rows = await tx.execute(
                select(login_tries.c.who, func.count().label("tries"))
                .where(login_tries.c.who.in_(list(limits)))
                .group_by(login_tries.c.who)
            )
            tried = {str(row["who"]): int(row["tries"]) for row in rows.mappings()}
            await tx.execute(insert(login_tries), [{"who": who, "tried_at": now} for who in limits])
        if any(tried.get(who, 0) >= most for who, most in limits.items()):
            raise TooManyLoginsError

    async def forgive(self, *, name: str, place: str) -> None:
        """Forget the tries of one who has now logged in."""
        async with self._database.transaction() as tx:
            await tx.execute(delete(login_tries).where(login_tries.c.who == _key(name, place)))


def _key(name: str, place: str) -> str:
    return hashlib.sha256(f"{name.casefold()}\0{place}".encode()).hexdigest()
