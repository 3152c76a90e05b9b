"""What is told to other systems, what becomes of telling it, and when it is told again. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit

LARGEST_BODY = 4 * 1024
"""Bytes. What is told is ids; whoever is told reads the rest with their token."""

LONGEST_ANSWER = 200
"""So many characters of what a receiver answers are kept, for whoever looks for the fault."""

GONE = 410

ASKS_TO_WAIT = frozenset({429, 503})
"""Statuses with which a receiver may say when to come again (RFC 6585 section 4, RFC 9110 section 10.2.3)."""

LONGEST_ASKED = timedelta(hours=1)
"""So long a receiver can have us wait at most: a slip of theirs must not lose what happened."""

PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long we wait after each attempt that failed; after the last attempt it has failed for good, 41 hours later or more."""

_LONGER_BY = 0.25
"""Each pause is longer by up to this part of itself, so that not all come back in one moment."""


class State(StrEnum):
    """Where a delivery is: it waits for its next attempt, was taken, or is over without having been taken."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a delivery has failed for good."""

    NOT_TAKEN = "not_taken"
    SWITCHED_OFF = "switched_off"
    NO_SUBSCRIPTION = "no_subscription"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Which events one system is told, where, and the secrets that it is signed with: two while one is changed."""

    system: str
    url: str = field(repr=False)
    events: frozenset[str]
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def host(self) -> str:
        """Whom it goes to, as may be shown."""
        return urlsplit(self.url).hostname or ""

    @property
    def address_hash(self) -> str:
        """A name for the address, by which we know that it is another."""
        return sha256(self.url.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that other systems may be told: ids and names only. ``to`` is the one system that it concerns; ``None``: all."""

    type: str
    data: Mapping[str, str]
    occurred_at: datetime
    to: str | None = None

    @property
    def body(self) -> str:
        """What is told, as JSON in the shape of Standard Webhooks; raises ``ValueError`` beyond :data:`LARGEST_BODY`."""
        told = {"type": self.type, "timestamp": self.occurred_at.isoformat(), "data": dict(self.data)}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        if len(body.encode()) > LARGEST_BODY:
            raise ValueError(f"{self.type} would be told in more than {LARGEST_BODY} bytes")
        return body

    def name_for(self, system: str) -> str:
        """Return the name of its delivery to a system: the same however often the fact is told."""
        return f"whd_{sha256(f'{system}|{self.body}'.encode()).hexdigest()[:26]}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one attempt: the status, ``None`` when there was none, and the beginning of what was said, or why not."""

    status: int | None
    text: str = ""
    retry_after: str = ""
    """When to come again, as the receiver said it: seconds, or a date as HTTP has it."""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One happening on its way to one system; ``delivery`` is also its ``webhook-id``, in each attempt.

    ``next_at`` is when it is tried next, ``None`` when it is over. Until ``claimed_until`` somebody is trying it.
    """

    delivery: str
    system: str
    type: str
    body: str
    state: State
    created_at: datetime
    reason: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    claimed_until: datetime | None = None
    tried_at: datetime | None = None
    status: int | None = None
    answer: str = ""
    ended_at: datetime | None = None


def wanting(subscriptions: Sequence[Subscription], happening: Happening) -> list[Subscription]:
    """Return who is told of something."""
    concerned = [one for one in subscriptions if happening.to in (None, one.system)]
    return [one for one in concerned if happening.type in one.events]


def asked_until(answer: Answer, *, now: datetime) -> datetime | None:
    """Return until when a receiver has asked us to wait, an hour at most; ``None`` when it has not, or nobody can read it."""
    if answer.status not in ASKS_TO_WAIT:
        return None
    said = answer.retry_after.strip()
    if said.isascii() and said.isdigit():
        return now + min(timedelta(seconds=int(said[:9])), LONGEST_ASKED)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now + LONGEST_ASKED)


def after(delivery: Delivery, answer: Answer, *, now: datetime, chance: float) -> Delivery:
    """Return what a delivery becomes by an attempt. ``chance``, from 0 to below 1, makes the next pause longer.

    A receiver that asks for a longer pause than ours has it.
    """
    tried = replace(
        delivery, tried_at=now, status=answer.status, answer=answer.text[:LONGEST_ANSWER], claimed_until=None
    )
    if answer.is_taken:
        return replace(tried, state=State.DELIVERED, reason="", next_at=None, ended_at=now)
    if answer.status == GONE:
        return replace(tried, state=State.FAILED, reason=Reason.SWITCHED_OFF, next_at=None, ended_at=now)
    if delivery.attempts > len(PAUSES):
        return replace(tried, state=State.FAILED, reason=Reason.NOT_TAKEN, next_at=None, ended_at=now)
    longer = 1 + _LONGER_BY * chance
    ours = now + PAUSES[delivery.attempts - 1] * longer
    asked = asked_until(answer, now=now)
    return replace(tried, next_at=ours if asked is None else max(ours, now + (asked - now) * longer))
