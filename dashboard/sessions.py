"""Who is logged in. The browser holds a signed cookie; what counts is the row in the database."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, FromClause, Row, delete, insert, or_, select, update

from core.clock import Clock
from core.ids import AgentId
from dashboard.errors import NotLoggedInError
from dashboard.store import sessions
from dashboard.users import Role, User
from storage.database import Database

NewSecret = Callable[[], str]
"""Returns a fresh unguessable string; ``app/system.py`` knows the real one."""


@dataclass(frozen=True, kw_only=True)
class SessionRules:
    """How long a log-in lasts: in all, without a sign of life, and until the cookie is changed for a new one."""

    lasts: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(minutes=60)
    rotate_after: timedelta = timedelta(minutes=15)
    old_cookie_lives: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One log-in. ``csrf`` must come along with everything that changes something; ``family`` outlives new cookies."""

    agent: AgentId
    name: str
    roles: frozenset[Role]
    family: str
    csrf: str
    expires_at: datetime
    new_cookie: str = ""


class Sessions:
    """Opens, recognises and ends log-ins."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_secret: NewSecret,
        signing_key: str,
        rules: SessionRules | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_secret = new_secret
        self._key = signing_key.encode()
        self._signer = URLSafeSerializer(signing_key, salt="kundcenter session")
        self._rules = rules or SessionRules()

    async def open(self, user: User) -> Session:
        """Log a person in; ``new_cookie`` of the answer is what the browser shall hold."""
        now, secret, family = self._clock.now(), self._new_secret(), _hash(self._new_secret())
        row = {
            "id_hash": _hash(secret),
            "family": family,
            "agent": user.id,
            "name": user.name,
            "roles": " ".join(sorted(user.roles)),
            "logged_in_at": now,
            "made_at": now,
            "seen_at": now,
            "expires_at": now + self._rules.lasts,
        }
        async with self._database.transaction() as tx:
            await tx.execute(delete(sessions).where(sessions.c.agent == user.id, sessions.c.expires_at < now))
            await tx.execute(insert(sessions).values(**row))
        return Session(
            agent=user.id,
            name=user.name,
            roles=user.roles,
            family=family,
            csrf=self._csrf(family),
            expires_at=now + self._rules.lasts,
            new_cookie=self._signer.dumps(secret),
        )

    async def recognise(self, cookie: str, *, may_rotate: bool = True) -> Session:
        """Tell whose cookie this is; raises :class:`NotLoggedInError`.

        Now and then the answer carries a ``new_cookie`` for the browser; the old one then lives on for a minute.
        """
        now = self._clock.now()
        try:
            id_hash = _hash(str(self._signer.loads(cookie)))
        except BadData:
            raise NotLoggedInError from None
        async with self._database.reading() as tx:
            row = (await tx.execute(select(sessions).where(sessions.c.id_hash == id_hash))).one_or_none()
        if row is None or row.expires_at <= now or row.seen_at + self._rules.idle <= now:
            raise NotLoggedInError
        if may_rotate and row.made_at + self._rules.rotate_after <= now:
            return self._session(row, await self._rotate(row, now))
        if row.seen_at + self._rules.idle / 30 <= now:
            await self._saw(id_hash, now)
        return self._session(row, "")

    async def end(self, family: str) -> None:
        """Log out: no cookie of this log-in works from now on."""
        async with self._database.transaction() as tx:
            await tx.execute(delete(sessions).where(sessions.c.family == family))

    async def agents_whose_log_in_is_over(self) -> list[AgentId]:
        """Return whose log-ins have all run out without a log-out, until :meth:`forget_over`."""
        others = sessions.alias()
        has_another = select(others).where(others.c.agent == sessions.c.agent, ~self._is_over(others)).exists()
        asked = select(sessions.c.agent).where(self._is_over(sessions), ~has_another).distinct()
        async with self._database.reading() as tx:
            return [AgentId(agent) for agent in (await tx.execute(asked)).scalars()]

    async def forget_over(self, agent: AgentId) -> None:
        """Forget the log-ins of this agent that have run out."""
        async with self._database.transaction() as tx:
            await tx.execute(delete(sessions).where(sessions.c.agent == agent, self._is_over(sessions)))

    def _is_over(self, table: FromClause) -> ColumnElement[bool]:
        now = self._clock.now()
        return or_(table.c.expires_at <= now, table.c.seen_at <= now - self._rules.idle)

    def _session(self, row: Row[tuple[object, ...]], new_cookie: str) -> Session:
        return Session(
            agent=AgentId(row.agent),
            name=row.name,
            roles=frozenset(Role(role) for role in row.roles.split()),
            family=row.family,
            csrf=self._csrf(row.family),
            expires_at=row.expires_at,
            new_cookie=new_cookie,
        )

    def _csrf(self, family: str) -> str:
        return hmac.new(self._key, b"csrf " + family.encode(), hashlib.sha256).hexdigest()

    async def _saw(self, id_hash: str, now: datetime) -> None:
        async with self._database.transaction() as tx:
            await tx.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(seen_at=now))

    async def _rotate(self, row: Row[tuple[object, ...]], now: datetime) -> str:
        secret, old_ends = self._new_secret(), now + self._rules.old_cookie_lives
        new = dict(row._mapping) | {"id_hash": _hash(secret), "made_at": now, "seen_at": now}
        async with self._database.transaction() as tx:
            claimed = await tx.execute(
                update(sessions)
                .where(sessions.c.id_hash == row.id_hash, sessions.c.made_at == row.made_at)
                .values(expires_at=min(old_ends, row.expires_at), made_at=now, seen_at=now)
            )
            if claimed.rowcount != 1:
                return ""  # another request of the same page was first
            await tx.execute(insert(sessions).values(**new))
        return self._signer.dumps(secret)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
