"""What an agent's desk shows of the live state: one snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.ids import AgentId, ContactId, LegId, OfferId
from core.language import Language
from skills_routing.errors import StaleOfferError, UnknownAgentError
from skills_routing.forecast.foreseen import Foreseen
from skills_routing.forecast.live_waits import ask_for_newcomer, sure
from skills_routing.line.connection import Connection
from skills_routing.line.live_line import LiveLine
from skills_routing.model import AgentState, ContactState, OfferState, instant, weight_of
from skills_routing.rules.queues import Queue
from storage.redis import our_errors

_TALKS = (ContactState.TALKING, ContactState.CALLING)


@dataclass(frozen=True)
class OfferShown:
    """An offer that waits for the agent's answer."""

    offer: OfferId
    token: int
    contact: ContactId
    queue: str
    waiting_since: datetime
    expires_at: datetime
    is_ring_back: bool = False
    is_written: bool = False
    is_on_the_line: bool = False
    """Whether the citizen whom we ring back was rung first, and has said yes by a key."""


@dataclass(frozen=True)
class Talk:
    """The conversation that the agent has, or (``is_calling``) the citizen whose phone is being rung."""

    contact: ContactId
    since: datetime
    on_hold: bool
    leg: LegId
    agent_leg: LegId
    is_calling: bool = False


@dataclass(frozen=True)
class WrittenWork:
    """A written contact that the agent has; ``weight`` counts against how much the agent takes at once."""

    contact: ContactId
    queue: str
    weight: int
    waiting_since: datetime
    since: datetime


@dataclass(frozen=True)
class QueueLength:
    """How many wait in a queue, since when the first of them, and what somebody who came in now would be told.

    Who has written is counted apart (``written``), and is nobody's wait on the telephone.
    """

    queue: str
    label: Mapping[Language, str]
    waiting: int
    longest_since: datetime | None
    wait: Foreseen | None = None
    written: int = 0
    written_since: datetime | None = None


@dataclass(frozen=True)
class Desk:
    """An agent's state and work. ``next_state`` is what was asked for when the work is over.

    ``reason`` is the one of the state; of READY it is ``no_phone`` while the switch cannot ring the agent.
    """

    agent: AgentId
    state: AgentState
    reason: str
    since: datetime
    next_state: AgentState | None
    next_reason: str
    offer: OfferShown | None
    talk: Talk | None
    wrap_up: ContactId | None
    queues: tuple[QueueLength, ...]
    written: tuple[WrittenWork, ...] = ()
    lets_calls_in: bool = False
    """Whether calls come while the agent writes."""


async def read_desk(line: LiveLine, agent: AgentId, *, queues: Sequence[Queue], retired: Sequence[Queue] = ()) -> Desk:
    """Read an agent's desk; raises :class:`UnknownAgentError`."""
    found = await line.agent(agent)
    if not found.get("state"):
        raise UnknownAgentError(agent)
    contact = found.get("contact")
    connection = await line.connection(ContactId(contact)) if contact else None
    mine = connection if connection is not None and connection.agent == agent else None
    asked = found.get("next")
    return Desk(
        agent=agent,
        state=AgentState(found["state"]),
        reason=_reason(found),
        since=instant(int(found["since"])),
        next_state=AgentState(asked) if asked else None,
        next_reason=found.get("next_reason", "") if asked else "",
        offer=await _offer(line, mine),
        talk=_talk(mine),
        wrap_up=mine.contact if mine and mine.state is ContactState.WRAP_UP else None,
        queues=await queue_lengths(line, queues, retired=retired),
        written=await _written(line, agent),
        lets_calls_in=found.get("interruptible") == "1",
    )


def _reason(found: Mapping[str, str]) -> str:
    """Who is ready and whose telephone the switch cannot ring is ready all the same, and is told why nobody comes."""
    if found["state"] == AgentState.READY and found.get("phone") == "gone":
        return "no_phone"
    return found.get("reason", "")


async def offer_of(line: LiveLine, agent: AgentId, offer: OfferId, token: int) -> OfferState:
    """Return the state of an offer that is this agent's now; raises :class:`StaleOfferError` for any other."""
    found = await line.fields(f"kc:offer:{offer}")
    state = found.get("state")
    if found.get("agent") != agent or found.get("token") != str(token):
        raise StaleOfferError
    if state == OfferState.ACCEPTED:  # said twice; but once the talk is over there is nothing to say yes to
        connection = await line.connection(ContactId(found.get("contact", "")))
        if connection is not None and connection.offer == offer and connection.state in _TALKS:
            return OfferState.ACCEPTED
    if state != OfferState.PENDING:
        raise StaleOfferError
    return OfferState.PENDING


async def queue_lengths(
    line: LiveLine, queues: Sequence[Queue], *, retired: Sequence[Queue] = ()
) -> tuple[QueueLength, ...]:
    """Count who waits per queue, in the order of the configuration; a ``retired`` one counts until nobody is in it."""
    counted = (*queues, *retired)
    async with our_errors():
        pipe = line.redis.pipeline(transaction=False)
        for queue in counted:
            for key in (f"kc:waiting:{queue.id}", f"kc:waiting_written:{queue.id}"):
                pipe.zcard(key)
                pipe.zrange(key, 0, 0, withscores=True)
            ask_for_newcomer(pipe, newcomers_line(queue))
        found = await pipe.execute()
    return tuple(
        QueueLength(
            queue.id, queue.label, count, _since(first), sure(foreseen), written=texts, written_since=_since(oldest)
        )
        for queue, count, first, texts, oldest, foreseen in zip(
            counted, *(found[part::5] for part in range(5)), strict=True
        )
        if count or texts or queue not in retired
    )


def _since(first: Sequence[tuple[str, float]]) -> datetime | None:
    return instant(int(first[0][1])) if first else None


def newcomers_line(queue: Queue) -> str:
    """Return the line for which it is foreseen how long somebody would wait who came into this queue now."""
    return queue.requirement(Language.SWEDISH).line


async def _offer(line: LiveLine, connection: Connection | None) -> OfferShown | None:
    if connection is None or connection.state is not ContactState.OFFERED:
        return None
    found = await line.fields(f"kc:offer:{connection.offer}")
    return OfferShown(
        offer=connection.offer,
        token=connection.token,
        contact=connection.contact,
        queue=connection.queue,
        waiting_since=instant(connection.since),
        expires_at=instant(int(found.get("expires_at") or connection.state_since)),
        is_ring_back=connection.is_ring_back,
        is_written=connection.is_written,
        is_on_the_line=connection.is_ring_back and bool(connection.leg),
    )


async def _written(line: LiveLine, agent: AgentId) -> tuple[WrittenWork, ...]:
    at_hand = [one for one in (await line.connections(await line.written(agent))).values() if one is not None]
    return tuple(
        WrittenWork(one.contact, one.queue, weight_of(one.line), instant(one.since), instant(one.state_since))
        for one in sorted(at_hand, key=lambda one: (one.state_since, one.contact))
    )


def _talk(connection: Connection | None) -> Talk | None:
    if connection is None or connection.state not in _TALKS:
        return None
    return Talk(
        contact=connection.contact,
        since=instant(connection.state_since),
        on_hold=connection.on_hold,
        leg=connection.leg,
        agent_leg=connection.agent_leg,
        is_calling=connection.state is ContactState.CALLING,
    )
