"""Writes decisions of the line into SQL, with the facts that go through the outbox, in one transaction each time.

Records may be written late, twice, or in another order than the decisions were made (two processes); the token of
the offer tells which is newer, so that the truth comes out the same.
"""

from collections.abc import Sequence
from datetime import datetime

from contacts.service import Contacts
from core.ids import LegId
from skills_routing import store
from skills_routing.events import AgentConnected, RingBackEnded, TalkEnded
from skills_routing.forecast import told_store, wait_store
from skills_routing.forecast.wait_store import HowItEnded
from skills_routing.line import over_store
from skills_routing.line.connection import Connection, facts_of_talk
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.model import ContactState, instant, milliseconds
from skills_routing.rules.transitions import CHOSEN_BY_AGENT
from skills_routing.store import ChosenState, OfferRow, ReturnRow, Routed, StepRow
from storage.database import Transaction

HUNG_UP = frozenset({"hung_up", "fault"})
"""Reasons for leaving the line that are no choice: whoever has the call closes the contact."""
REACHED = "reached"
"""How an attempt to ring somebody back ends that became a talk."""
UNKNOWN = "fault"
"""Who ended a talk of which nobody knows it any more."""
_NOT_REACHED = (ContactState.WAITING, ContactState.DIALLED, ContactState.CALLING)


def is_recorded(fact: LineFact) -> bool:
    """Tell whether SQL keeps anything of this fact."""
    if fact.fact is Kind.AGENT_STATE:
        return fact.state in CHOSEN_BY_AGENT
    return fact.fact in _WRITERS


async def record(tx: Transaction, *, facts: Sequence[LineFact], contacts: Contacts) -> None:
    """Write what SQL keeps of these facts."""
    for fact in facts:
        if is_recorded(fact):
            await _WRITERS[fact.fact](tx, fact, contacts)


async def catch_up(tx: Transaction, *, connection: Connection, contacts: Contacts) -> None:
    """Write of a talk what the line knows and SQL does not yet: before its row goes, and with it who talked, and how it ended."""
    row = await store.find(tx, connection.contact, to_change=True)
    if row is None or (row.token, row.state) != (connection.token, connection.state):
        await record(tx, facts=facts_of_talk(connection), contacts=contacts)


async def write_up(
    tx: Transaction, *, connection: Connection, contacts: Contacts, code: str, note: str, at: datetime
) -> None:
    """Keep the reason and the note of a talk, and forget its contact: the work here is over."""
    contact = connection.contact
    await catch_up(tx, connection=connection, contacts=contacts)
    await contacts.wrapped_up(tx, contact, connection.agent, code, note, holds=True)
    await wait_store.handled(tx, contact, at=at)
    await store.remove(tx, contact)
    if connection.is_ring_back:
        await over_store.over(tx, contact, token=connection.token, at=at)


async def _offer_made(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    await store.save_offer(tx, _offer(fact))


async def _offer_ended(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    await store.end_offer(tx, _offer(fact, ended=True))


async def _calling(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    if await _is_over(tx, fact):
        return
    await store.add(tx, _rung_back(fact))
    await store.change(
        tx,
        fact.contact,
        token=fact.token,
        after=ContactState.CALLING,
        state=ContactState.CALLING,
        agent=fact.agent,
        agent_leg=fact.agent_leg,
        offer=fact.offer,
        leg=fact.leg,
    )


async def _dialled(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    await store.change(
        tx,
        fact.contact,
        token=fact.token,
        after=ContactState.DIALLED,
        state=ContactState.DIALLED,
        offer=fact.offer,
        leg=fact.leg,
    )


async def _confirmed(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    await store.change(
        tx,
        fact.contact,
        token=fact.token,
        after=ContactState.DIALLED,
        state=ContactState.WAITING,
        offer="",
        leg=fact.leg,
    )


async def _joined(tx: Transaction, fact: LineFact, contacts: Contacts) -> None:
    if fact.callback:
        if await _is_over(tx, fact):
            return
        await store.add(tx, _rung_back(fact))
    newer = await store.change(
        tx,
        fact.contact,
        token=fact.token,
        after=ContactState.CALLING,
        state=ContactState.TALKING,
        agent=fact.agent,
        agent_leg=fact.agent_leg,
        offer=fact.offer,
        leg=fact.leg,
    )
    if newer:
        await _connected(tx, fact, contacts)
        routed = await store.find(tx, fact.contact)
        if routed is not None:
            await wait_store.ended(tx, routed, HowItEnded.SERVED, at=instant(fact.at), offer=fact.offer)
            await told_store.wait_is_over(tx, fact.contact, HowItEnded.SERVED, at=instant(fact.at))


async def _talk_ended(tx: Transaction, fact: LineFact, contacts: Contacts) -> None:
    if fact.callback and not await _is_over(tx, fact):
        await store.add(tx, _rung_back(fact))
    row = await store.find(tx, fact.contact, to_change=True)
    began = row is not None and row.token == fact.token and row.state is not ContactState.CALLING
    if row is None or row.token > fact.token or (began and row.state is not ContactState.TALKING):
        return
    if not began:  # the beginning of the talk was not written yet
        await _connected(tx, fact, contacts)
    await store.change(
        tx, fact.contact, token=fact.token, state=ContactState.WRAP_UP, agent=fact.agent, offer=fact.offer
    )
    by = fact.by or UNKNOWN
    await contacts.talk_ended(tx, fact.contact, by)
    await tx.record(TalkEnded(occurred_at=instant(fact.at), contact=fact.contact, agent=fact.agent, by=by))


async def _returned(tx: Transaction, fact: LineFact, contacts: Contacts) -> None:
    back = ReturnRow(fact.contact, fact.token, fact.agent, fact.reason[:20], instant(fact.at))
    await store.save_return(tx, back)
    row = await store.find(tx, fact.contact, to_change=True)
    if row is None or row.token > fact.token or (row.token == fact.token and row.state is ContactState.WAITING):
        return
    if row.token < fact.token:
        await _connected(tx, fact, contacts)
    await store.change(
        tx,
        fact.contact,
        token=fact.token,
        state=ContactState.WAITING,
        agent="",
        agent_leg="",
        offer="",
        rank=fact.rank or row.rank,
    )
    await contacts.waiting(tx, fact.contact, row.queue)


async def _step_taken(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    step = StepRow(fact.contact, fact.step, fact.line, fact.how, instant(fact.at))
    await store.take_step(tx, step)


async def _left(tx: Transaction, fact: LineFact, contacts: Contacts) -> None:
    routed = await store.find(tx, fact.contact, to_change=True)
    if routed is not None and fact.reason not in HUNG_UP and milliseconds(routed.entered_at) > fact.at:
        return  # who chose something else has come again since
    if routed is not None:
        how = HowItEnded.HUNG_UP if fact.reason in HUNG_UP else HowItEnded.LEFT
        await wait_store.ended(tx, routed, how, at=instant(fact.at))
        await told_store.wait_is_over(tx, fact.contact, how, at=instant(fact.at))
    await store.remove(tx, fact.contact)
    if fact.reason not in HUNG_UP:
        await contacts.left_line(tx, fact.contact, fact.reason)


async def _ring_back_ended(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    at = instant(fact.at)
    row = await store.find(tx, fact.contact, to_change=True)
    if fact.how != REACHED:  # else the row goes with the note
        if await _is_over(tx, fact):
            return  # told before, and perhaps the next attempt goes on
        is_its = row is not None and row.callback == fact.callback and row.token <= fact.token
        if row is not None and is_its and row.state in _NOT_REACHED:
            await store.remove(tx, fact.contact)
        await over_store.over(tx, fact.contact, token=fact.token, at=at)
    await tx.record(RingBackEnded(occurred_at=at, callback=fact.callback, contact=fact.contact, how=fact.how))


async def _wrapped_up(tx: Transaction, fact: LineFact, contacts: Contacts) -> None:
    """Remove the row of a wrap-up that was given up; whoever wrote the note removed it before."""
    row = await store.find(tx, fact.contact, to_change=True)
    if fact.callback or (row is not None and row.token <= fact.token):
        await _talk_ended(tx, fact, contacts)
        row = await store.find(tx, fact.contact)
    if row is not None and row.token == fact.token and row.state is ContactState.WRAP_UP:
        await store.remove(tx, fact.contact)
    if fact.callback:
        await over_store.over(tx, fact.contact, token=fact.token, at=instant(fact.at))


async def _agent_state(tx: Transaction, fact: LineFact, _contacts: Contacts) -> None:
    await store.save_agent_state(tx, ChosenState(fact.agent, fact.state, fact.reason), at=instant(fact.at))


async def _is_over(tx: Transaction, fact: LineFact) -> bool:
    """Tell whether this attempt to ring somebody back is over already, and the record of what it began with comes late."""
    return 0 < fact.token <= await over_store.over_up_to(tx, fact.contact)


async def _connected(tx: Transaction, fact: LineFact, contacts: Contacts) -> None:
    await contacts.connected(tx, fact.contact, fact.agent)
    at = instant(fact.at)
    await tx.record(AgentConnected(occurred_at=at, contact=fact.contact, agent=fact.agent, leg=fact.leg))


def _offer(fact: LineFact, *, ended: bool = False) -> OfferRow:
    at = instant(fact.at)
    leg = fact.agent_leg or LegId("")
    how = fact.how if ended else ""
    why = "" if ended else fact.reason
    return OfferRow(fact.offer, fact.contact, fact.agent, fact.token, leg, at, at if ended else None, how, why)


def _rung_back(fact: LineFact) -> Routed:
    at = instant(fact.at)
    return Routed(
        contact=fact.contact,
        state=ContactState.WAITING,
        leg=fact.leg,
        queue="",
        language="",
        line="",
        rank=0,
        waiting_since=at,
        entered_at=at,
        callback=fact.callback,
    )


_WRITERS = {
    Kind.OFFER_MADE: _offer_made,
    Kind.OFFER_ENDED: _offer_ended,
    Kind.CALLING: _calling,
    Kind.DIALLED: _dialled,
    Kind.CONFIRMED: _confirmed,
    Kind.JOINED: _joined,
    Kind.TALK_ENDED: _talk_ended,
    Kind.RETURNED: _returned,
    Kind.STEP_TAKEN: _step_taken,
    Kind.LEFT: _left,
    Kind.RING_BACK_ENDED: _ring_back_ended,
    Kind.WRAPPED_UP: _wrapped_up,
    Kind.AGENT_STATE: _agent_state,
}
