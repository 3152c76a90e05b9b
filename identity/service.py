"""Tells who somebody is. The order matters: take a turn, count the try and commit it, then check the code."""

import hmac
from datetime import timedelta

import structlog
from argon2 import PasswordHasher

from core.clock import Clock
from core.ids import AgentId, ContactId, PersonId
from core.phone import parse_phone
from identity import store
from identity.codes import Codes, rfc_9106
from identity.model import Limits, Verification, day_began, may_try
from identity.personnummer import Personnummer
from storage.database import Database

log = structlog.get_logger()

SHORTEST_PEPPER = 16


class Identity:
    """Pseudonyms and codes. ``pepper`` is a secret of at least 16 bytes; a new one makes every code and id a stranger."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        pepper: bytes,
        limits: Limits | None = None,
        hasher: PasswordHasher | None = None,
    ) -> None:
        if len(pepper) < SHORTEST_PEPPER:
            raise ValueError("the pepper is too short to keep a secret")
        self.database = database
        self._clock = clock
        self._pepper = pepper
        self._limits = limits or Limits()
        self._codes = Codes(pepper=pepper, hasher=hasher or rfc_9106())

    def person_id(self, personnummer: Personnummer) -> PersonId:
        """Return the pseudonym: the same work, and an id that looks the same, whether the person exists or not."""
        return PersonId("per_" + self._hash("person", personnummer.reveal())[:40])

    async def verify(self, *, person: PersonId, code: str, contact: ContactId, caller: str = "") -> Verification:
        """Check a code. The try is counted and committed before it is checked; only a right code takes it back.

        The same work is done, and in the same time, for a person who does not exist, a wrong code and a locked
        person. ``caller`` is the number as the network tells it, by which guessing over many persons is slowed.
        Raises :class:`~identity.errors.IdentityBusyError` (not counted) and ``DatabaseUnavailableError``.
        """
        await self._codes.take_turn()
        try:
            number, allowed, kept = await self._count(person, contact, self._caller_key(caller))
            right = await self._codes.fits(kept, person, code)
        finally:
            self._codes.give_back()
        verified = right and allowed
        async with self.database.transaction() as tx:
            await store.finish_try(tx, number, result=store.RIGHT if verified else store.WRONG)
        if verified:
            return Verification.VERIFIED
        log.info("identity.code_refused", contact=contact, locked=not allowed)
        return Verification.WRONG if allowed else Verification.LOCKED

    async def set_code(self, *, person: PersonId, code: str) -> None:
        """Give a person a new code; raises :class:`~identity.errors.BadCodeError`. Failed tries stay counted."""
        hashed = await self._codes.hash(person, code)
        async with self.database.transaction() as tx:
            await store.keep_hash(tx, person, hashed=hashed, at=self._clock.now())

    async def reset_tries(self, *, person: PersonId, by: AgentId) -> None:
        """Let a person begin anew today. Only for those with the right to do so; who did it stays written."""
        async with self.database.transaction() as tx:
            await store.add_reset(tx, person=person, by=by, at=self._clock.now())
        log.info("identity.tries_reset", agent=by)

    async def forget_tries(self, *, older_than: timedelta) -> int:
        """Delete tries past their retention (never those of the last two days) and return how many."""
        age = max(older_than, timedelta(days=2))
        async with self.database.transaction() as tx:
            return await store.forget_tries(tx, before=self._clock.now() - age)

    async def _count(self, person: PersonId, contact: ContactId, caller: str) -> tuple[int, bool, str | None]:
        now = self._clock.now()
        async with self.database.transaction() as tx:
            number = await store.add_try(tx, person=person, contact=contact, caller=caller, at=now)
        # Counted in a second transaction: of several tries at the same time the last to commit sees them all,
        # so that no more than the limit can pass, without a lock.
        async with self.database.reading() as tx:
            tried = await store.count_tries(
                tx, person=person, contact=contact, caller=caller, day=day_began(now), hour=now - timedelta(hours=1)
            )
            return number, may_try(tried, limits=self._limits), await store.find_hash(tx, person)

    def _caller_key(self, caller: str) -> str:
        number = parse_phone(caller)
        if number is None or number.e164 in self._limits.shared_numbers:
            return ""
        return self._hash("caller", number.e164)[:40]

    def _hash(self, kind: str, text: str) -> str:
        return hmac.digest(self._pepper, f"{kind}:{text}".encode(), "sha256").hex()
