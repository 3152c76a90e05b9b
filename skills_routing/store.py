"""What routing keeps in SQL, which is the truth: who waits or talks, what the agents chose, every offer ever made."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId
from skills_routing.model import Agent, ContactState, Skills
from storage.database import Transaction
from storage.schema import Instant, metadata

MOST_NAMES = 500
Large = BigInteger().with_variant(Integer, "sqlite")

agents = Table(
    "agents",
    metadata,
    Column("agent", String(60), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("skills", Text, nullable=False),
    Column("site", String(60), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("capacity", Integer, nullable=False, server_default="3"),
    Column("interruptible", Boolean, nullable=False, server_default=false()),
    Column("lets_calls_in", Boolean),  # what the agent has said instead of the file
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("agent", String(60), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("at", Instant, nullable=False),
)

routed_contacts = Table(
    "routed_contacts",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("state", String(20), nullable=False, index=True),
    Column("leg", String(80), nullable=False),
    Column("queue", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("line", String(400), nullable=False),
    Column("rank", Large, nullable=False),
    Column("waiting_since", Instant, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("agent", String(60), nullable=False, server_default=""),
    Column("agent_leg", String(80), nullable=False, server_default=""),
    Column("offer", String(60), nullable=False, server_default=""),
    Column("token", Large, nullable=False, server_default="0"),
    Column("callback", String(60), nullable=False, server_default=""),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("steps", Text, nullable=False, server_default=""),
    Column("citizen_first", Boolean, nullable=False, server_default=false()),
)

routing_steps = Table(
    "routing_steps",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("line", String(400), nullable=False),
    Column("how", String(20), nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("language", String(2), nullable=False, server_default=""),
)

returns = Table(
    "returns",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("token", Large, primary_key=True, autoincrement=False),
    Column("agent", String(60), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("returned_at", Instant, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("offer", String(60), primary_key=True),
    Column("contact", String(60), nullable=False, index=True),
    Column("agent", String(60), nullable=False),
    Column("token", Large, nullable=False),
    Column("agent_leg", String(80), nullable=False, index=True),
    Column("offered_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("how", String(20), nullable=False, server_default=""),
    Column("why", String(20), nullable=False, server_default=""),
)

# What is asked of every contact is written down once: to build a statement costs more than to run it.
_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_OF: BindParameter[Any] = bindparam("of")
_FENCE: BindParameter[Any] = bindparam("fence")
_FIND = select(routed_contacts).where(routed_contacts.c.contact == _OF)
_FIND_TO_CHANGE = _FIND.with_for_update()
_REMOVE = delete(routed_contacts).where(routed_contacts.c.contact == _OF)
_ADD = {name: kind.insert(routed_contacts).on_conflict_do_nothing() for name, kind in _DIALECTS.items()}
_NEWER = routed_contacts.c.token < _FENCE
_SAME = routed_contacts.c.token == _FENCE
_FOLLOWS = and_(_SAME, routed_contacts.c.state == bindparam("follows"))
_CHANGE = update(routed_contacts).where(routed_contacts.c.contact == _OF, or_(_NEWER, _SAME))
_CHANGE_AFTER = update(routed_contacts).where(routed_contacts.c.contact == _OF, or_(_NEWER, _FOLLOWS))
_OFFERS = {name: kind.insert(offers) for name, kind in _DIALECTS.items()}
_ADD_OFFER = {name: one.on_conflict_do_nothing() for name, one in _OFFERS.items()}
_BEGIN_OFFER = {
    name: one.on_conflict_do_update(
        index_elements=["offer"], set_={"offered_at": one.excluded.offered_at, "why": one.excluded.why}
    )
    for name, one in _OFFERS.items()
}
_END_OFFER = update(offers).where(offers.c.offer == _OF, offers.c.ended_at.is_(None))


@dataclass(frozen=True, kw_only=True)
class Routed:
    """A contact that routing has: waiting, talking, or being wrapped up.

    ``steps`` is its plan (``steps.write_plan``), ``step`` which part of it holds, ``line`` what is asked for there.
    ``citizen_first``: who is to be rung back may be rung before an agent is.
    """

    contact: ContactId
    state: ContactState
    leg: LegId
    queue: str
    language: str
    line: str
    rank: int
    waiting_since: datetime
    entered_at: datetime
    agent: AgentId = AgentId("")
    agent_leg: LegId = LegId("")
    offer: OfferId = OfferId("")
    token: int = 0
    callback: CallbackId = CallbackId("")
    step: int = 0
    steps: str = ""
    citizen_first: bool = False


@dataclass(frozen=True)
class StepRow:
    """One step that was taken, as history. Step 0 tells of the beginning: ``language`` is one that no skill is named for."""

    contact: ContactId
    step: int
    line: str
    how: str
    taken_at: datetime
    language: str = ""


@dataclass(frozen=True)
class ReturnRow:
    """A contact that came back to the line from an agent, as history; ``token`` is of the offer that the talk came of."""

    contact: ContactId
    token: int
    agent: AgentId
    reason: str
    returned_at: datetime


@dataclass(frozen=True)
class ChosenState:
    """What an agent last chose, or was put in because nobody answered."""

    agent: AgentId
    state: str
    reason: str


@dataclass(frozen=True)
class OfferRow:
    """One offer, as history: ``how`` is empty while it is being shown. ``why`` this agent: ``explaining`` has the words."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    token: int
    agent_leg: LegId
    offered_at: datetime
    ended_at: datetime | None
    how: str
    why: str = ""


async def add(tx: Transaction, routed: Routed) -> None:
    """Write a contact that enters; one that is here already waits on as it did."""
    await tx.execute(_ADD[tx.connection.dialect.name], vars(routed))


async def find(tx: Transaction, contact: ContactId, *, to_change: bool = False) -> Routed | None:
    """Return a contact, or ``None``; with ``to_change`` nobody else changes it until the transaction ends."""
    row = (await tx.execute(_FIND_TO_CHANGE if to_change else _FIND, {"of": contact})).one_or_none()
    return _routed(row) if row else None


async def everybody(tx: Transaction) -> list[Routed]:
    """Return every contact that routing has, in the order of the line."""
    query = select(routed_contacts).order_by(routed_contacts.c.rank, routed_contacts.c.contact)
    return [_routed(row) for row in await tx.execute(query)]


@dataclass(frozen=True)
class Outline:
    """What is compared of every contact."""

    state: ContactState
    queue: str
    step: int
    callback: CallbackId = CallbackId("")
    has_leg: bool = False


async def outline(tx: Transaction) -> dict[ContactId, Outline]:
    """Return every contact that routing has, as little of it as tells whether something may be wrong."""
    columns = routed_contacts.c
    has_leg = (columns.leg != "").label("has_leg")
    query = select(columns.contact, columns.state, columns.queue, columns.step, columns.callback, has_leg)
    return {
        ContactId(row.contact): Outline(
            ContactState(row.state), row.queue, row.step, CallbackId(row.callback), bool(row.has_leg)
        )
        for row in await tx.execute(query)
    }


async def some(tx: Transaction, names: Sequence[ContactId]) -> list[Routed]:
    """Return these contacts, as far as routing has them."""
    found: list[Routed] = []
    for start in range(0, len(names), MOST_NAMES):
        query = select(routed_contacts).where(routed_contacts.c.contact.in_(names[start : start + MOST_NAMES]))
        found += [_routed(row) for row in await tx.execute(query)]
    return found


async def change(
    tx: Transaction, contact: ContactId, *, token: int, after: ContactState | None = None, **values: Any
) -> bool:
    """Write what has become of a contact; a decision with an older token (I-31) changes nothing and returns ``False``.

    With ``after`` one with the same token counts only as what follows that state.
    """
    statement, follows = (_CHANGE, {}) if after is None else (_CHANGE_AFTER, {"follows": after})
    fence = {"of": contact, "fence": token, **follows}
    return (await tx.execute(statement, {**fence, "token": token, **values})).rowcount == 1


async def take_step(tx: Transaction, step: StepRow) -> None:
    """Write that a step was taken, once; one that is not beyond what is known changes nothing else."""
    await tx.execute(_insert(tx, routing_steps).values(**vars(step)).on_conflict_do_nothing())
    earlier = update(routed_contacts).where(
        routed_contacts.c.contact == step.contact, routed_contacts.c.step < step.step
    )
    await tx.execute(earlier.values(step=step.step, line=step.line))


async def steps_of(tx: Transaction, contact: ContactId) -> list[StepRow]:
    """Return the steps that a contact has taken, in order."""
    query = select(routing_steps).where(routing_steps.c.contact == contact).order_by(routing_steps.c.step)
    return [StepRow(**row._mapping) for row in await tx.execute(query)]


async def save_return(tx: Transaction, back: ReturnRow) -> None:
    """Add a return to the history, once."""
    await tx.execute(_insert(tx, returns).values(**vars(back)).on_conflict_do_nothing())


async def returns_of(tx: Transaction, contact: ContactId) -> list[ReturnRow]:
    """Return how often a contact came back to the line, oldest first."""
    query = select(returns).where(returns.c.contact == contact).order_by(returns.c.token)
    return [ReturnRow(**row._mapping) for row in await tx.execute(query)]


async def remove(tx: Transaction, contact: ContactId) -> None:
    """Forget a contact whose work here is over."""
    await tx.execute(_REMOVE, {"of": contact})


async def save_agent_state(tx: Transaction, chosen: ChosenState, *, at: datetime) -> None:
    """Keep an agent's state for after a loss of Redis; an older one never replaces a newer."""
    values = {"state": chosen.state, "reason": chosen.reason[:60], "at": at}
    statement = _insert(tx, agent_states).values(agent=chosen.agent, **values)
    newer = agent_states.c.at <= at
    await tx.execute(statement.on_conflict_do_update(index_elements=["agent"], set_=values, where=newer))


async def chosen_states(tx: Transaction) -> list[ChosenState]:
    """Return what every agent last chose."""
    return [ChosenState(AgentId(row.agent), row.state, row.reason) for row in await tx.execute(select(agent_states))]


async def save_agents(tx: Transaction, wanted: Iterable[Agent]) -> None:
    """Write these agents over what is known of them; those not named are disabled, and stay for the history."""
    rows = list(wanted)
    names = [row.id for row in rows]
    await tx.execute(update(agents).where(agents.c.agent.not_in(names)).values(enabled=False))
    for row in rows:
        values = {**vars(row), "skills": json.dumps(row.skills.levels)}
        del values["id"]
        statement = _insert(tx, agents).values(agent=row.id, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["agent"], set_=values))


async def let_calls_in(tx: Transaction, agent: AgentId, *, yes: bool) -> None:
    """Keep whether calls come while this agent writes, whatever the file says."""
    await tx.execute(update(agents).where(agents.c.agent == agent).values(lets_calls_in=yes))


async def all_agents(tx: Transaction) -> list[Agent]:
    """Return every agent that was ever configured, also the disabled."""
    rows = await tx.execute(select(agents).order_by(agents.c.agent))
    return [_agent(row) for row in rows]


async def save_offer(tx: Transaction, offer: OfferRow) -> None:
    """Add an offer to the history. One whose end was written first has begun earlier than that."""
    await tx.execute(_BEGIN_OFFER[tx.connection.dialect.name], vars(offer))


async def end_offer(tx: Transaction, offer: OfferRow) -> None:
    """Write how an offer ended, once; also when its beginning was never written."""
    await tx.execute(_ADD_OFFER[tx.connection.dialect.name], vars(offer))
    await tx.execute(_END_OFFER, {"of": offer.offer, "ended_at": offer.ended_at, "how": offer.how})


async def offers_of(tx: Transaction, contact: ContactId) -> list[OfferRow]:
    """Return a contact's offers, oldest first."""
    query = select(offers).where(offers.c.contact == contact).order_by(offers.c.token)
    return [OfferRow(**row._mapping) for row in await tx.execute(query)]


async def open_offers(tx: Transaction) -> list[OfferRow]:
    """Return the offers whose end was never written."""
    return [OfferRow(**row._mapping) for row in await tx.execute(select(offers).where(offers.c.ended_at.is_(None)))]


async def is_our_agent_leg(tx: Transaction, leg: LegId) -> bool:
    """Tell whether a leg was ever an agent's, for an offer."""
    return (await tx.execute(select(offers.c.offer).where(offers.c.agent_leg == leg).limit(1))).first() is not None


async def highest_token(tx: Transaction) -> int:
    """Return the highest token that was ever written."""
    highest = [await tx.execute(select(func.max(table.c.token))) for table in (offers, routed_contacts)]
    return max(int(found.scalar_one() or 0) for found in highest)


def _insert(tx: Transaction, table: Table) -> Any:
    return (postgresql if tx.connection.dialect.name == "postgresql" else sqlite).insert(table)


def _routed(row: Any) -> Routed:
    values = dict(row._mapping)
    return Routed(**{**values, "state": ContactState(values["state"])})


def _agent(row: Any) -> Agent:
    values = dict(row._mapping)
    said = values.pop("lets_calls_in")
    interruptible = row.interruptible if said is None else said
    return Agent(
        AgentId(values.pop("agent")), **{**values, "skills": _skills(row.skills), "interruptible": interruptible}
    )


def _skills(text: str) -> Skills:
    return Skills(tuple((str(skill), int(level)) for skill, level in json.loads(text)))
