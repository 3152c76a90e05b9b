"""Where each call is, kept in Redis so that any process can go on with it, and a copy here for when Redis is down."""

from datetime import timedelta

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from core.ids import ContactId, LegId
from ivr.model import Phase, Position
from storage.redis import LiveStoreUnavailableError, our_errors
from telephony.timers import Timers

log = structlog.get_logger()

KEPT = timedelta(hours=6)
_KEPT_SECONDS = int(KEPT.total_seconds())
REST_SECONDS = 2.0
"""After Redis did not answer it is left alone this long, so that a caller does not wait for it at every key."""

_positions = TypeAdapter(Position)


class Positions:
    """The positions of calls by contact, and the contact of each leg."""

    def __init__(self, *, redis: Redis, timers: Timers) -> None:
        self._redis = redis
        self._timers = timers
        self._copies: dict[ContactId, Position] = {}
        self._contacts: dict[LegId, ContactId] = {}
        self._own: set[ContactId] = set()
        self._resting_until = 0.0

    def own(self, contact: ContactId) -> None:
        """Take a call as this process's own: it hears of the end of the leg, and keeps a copy until then."""
        self._own.add(contact)

    def is_own(self, contact: ContactId) -> bool:
        """Whether this process hears what happens on the leg; others only tell the call what they know."""
        return contact in self._own

    async def get(self, contact: ContactId) -> Position | None:
        """Return where a call is: the newer of what Redis and this process know."""
        kept = _read(await self._fetch(f"kc:position:{contact}"), contact)
        copy = self._copies.get(contact)
        if kept is None or (copy is not None and copy.turn > kept.turn):
            return copy
        return kept

    async def by_leg(self, leg: LegId) -> Position | None:
        """Return where the call on this leg is; without Redis, as long as nobody but this process can have moved it."""
        known = self._contacts.get(leg)
        copy = self._copies.get(known) if known else None
        if copy is not None and _is_nobody_elses(copy):
            return copy
        contact = known or await self._fetch(f"kc:leg:{leg}")
        return await self.get(ContactId(contact)) if contact else None

    def keep_here(self, position: Position) -> None:
        """Keep in this process where a call of its own begins, until its first step is put."""
        self._copies[position.contact] = position
        self._contacts[position.leg] = position.contact

    async def put(self, position: Position) -> None:
        """Keep where a call is; without Redis in this process only."""
        if self.is_own(position.contact):
            self.keep_here(position)
        if self._timers.time() < self._resting_until:
            return
        try:
            async with our_errors(), self._redis.pipeline(transaction=False) as pipeline:
                for key, value in (
                    (f"kc:position:{position.contact}", _positions.dump_json(position)),
                    (f"kc:leg:{position.leg}", position.contact),
                ):
                    pipeline.execute_command("SET", key, value, "EX", _KEPT_SECONDS)  # set() takes three times as long
                await pipeline.execute()
        except LiveStoreUnavailableError:
            self._rest()

    async def forget(self, position: Position) -> None:
        """Let go of a call that has ended."""
        self._copies.pop(position.contact, None)
        self._contacts.pop(position.leg, None)
        self._own.discard(position.contact)
        if self._timers.time() < self._resting_until:
            return
        try:
            async with our_errors():
                await self._redis.delete(f"kc:position:{position.contact}", f"kc:leg:{position.leg}")
        except LiveStoreUnavailableError:
            self._rest()

    async def _fetch(self, key: str) -> str | None:
        if self._timers.time() < self._resting_until:
            return None
        try:
            async with our_errors():
                found = await self._redis.get(key)
                return found.decode() if isinstance(found, bytes) else found
        except LiveStoreUnavailableError:
            self._rest()
            return None

    def _rest(self) -> None:
        self._resting_until = self._timers.time() + REST_SECONDS
        log.warning("ivr.redis_unavailable", rest_seconds=REST_SECONDS)


def _is_nobody_elses(position: Position) -> bool:
    """Whether a caller is with the machine only: other processes move calls on their way to people, and no others."""
    return (
        position.phase in (Phase.ASKING, Phase.ANSWERING)
        and not position.in_line
        and (position.rung or not position.queue)
    )


def _read(text: str | None, contact: ContactId) -> Position | None:
    if text is None:
        return None
    try:
        return _positions.validate_json(text)
    except ValidationError:
        log.warning("ivr.position_unreadable", contact=contact)
        return None
