"""Promises to ring back as agents work with them: lists, another time, a promise of one's own, those to follow up."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, CallbackId, ContactId, Subject
from dashboard import promise_showing, showing
from dashboard.errors import NotAllowedError, NotYoursToRingError
from dashboard.promise_ports import IN_LINE, Promise, Promises
from dashboard.promise_views import (
    CallbackCountView,
    CallbackListsView,
    CallbackView,
    LinkView,
    OwnPromiseView,
    TimeView,
    ToldView,
)
from dashboard.views import CardView, ChoiceView, PersonView
from skills_routing.agents import desk as routing_desk
from skills_routing.rules.queues import HeadStart, Queue
from skills_routing.service import Routing
from storage.audit import Reading, note_reading
from storage.database import Database

DAYS_AHEAD = 30


class Person(Protocol):
    """Returns a person, and whether the case systems cannot tell just now. ``cleared``: also a protected name."""

    def __call__(  # noqa: D102
        self, subject: Subject | None, *, cleared: bool = False
    ) -> Awaitable[tuple[PersonView | None, bool]]: ...


class PromiseDesk:
    """What agents do with promises. ``queues`` are those there are now, ``calls_from`` is the number that we ring from, as printed;
    ``page_of`` gives the address of the citizen's own page of a promise."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        routing: Routing,
        contacts: Contacts,
        promises: Promises,
        queues: Callable[[], Mapping[str, Queue]],
        person: Person,
        calls_from: str,
        page_of: Callable[[CallbackId], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._routing = routing
        self._contacts = contacts
        self._promises = promises
        self._queues = queues
        self._person = person
        self._calls_from = calls_from
        self._page_of = page_of

    async def lists(self, agent: AgentId) -> CallbackListsView:
        """Return whom somebody has promised to ring back, by rank, after noting that the agent has read it."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await note_reading(tx, Reading(reader=agent, what="callbacks"), at=now)
            waiting = sorted(await self._promises.waiting(tx), key=self._rank)
            given_up = await self._promises.follow_ups(tx)
        names = self._names()

        def shown(one: Promise) -> CallbackView:
            return promise_showing.callback(one, names, agent=agent, how=self._promises.policy)

        own = [one for one in waiting if agent in (one.bound_to, one.deputy)]
        others = [one for one in waiting if one not in own]
        return CallbackListsView(
            due=[shown(one) for one in others if _is_due(one, now)],
            coming=[shown(one) for one in sorted(others, key=_next) if not _is_due(one, now)],
            own=[shown(one) for one in sorted(own, key=_next)],
            to_follow_up=[shown(one) for one in given_up],
        )

    async def ring(self, agent: AgentId, callback: CallbackId) -> None:
        """Have an agent ring, out of turn, whom they or somebody for whom they stand in promised to ring.

        Raises :class:`NotYoursToRingError` for any other: the line gives it to whoever can serve it, and nobody is passed.
        """
        async with self._database.reading() as tx:
            promise = await self._promises.get(tx, callback)
        if agent not in (promise.bound_to, promise.deputy):
            raise NotYoursToRingError
        await self._promises.take(callback, agent)

    async def times(self, callback: CallbackId) -> list[TimeView]:
        """Return the times that a promise can be moved to."""
        async with self._database.reading() as tx:
            promise = await self._promises.get(tx, callback)
        free = await self._promises.times(queue=promise.queue)
        return [TimeView(starts_at=one.starts_at, ends_at=one.ends_at) for one in free]

    async def move(self, agent: AgentId, callback: CallbackId, slot_at: datetime | None) -> None:
        """Give a promise another time, or its place in the line, after noting who asked; raises as the room does that keeps it."""
        await self._note(agent, "callback_move", callback)
        await self._promises.move(callback, slot_at=slot_at, by=f"agent:{agent}")

    async def cancel(self, agent: AgentId, callback: CallbackId) -> None:
        """Note who asked for it, and then that a citizen does not want to be rung any more."""
        await self._note(agent, "callback_cancel", callback)
        await self._promises.cancel(callback, by=f"agent:{agent}")

    async def link(self, agent: AgentId, callback: CallbackId) -> LinkView:
        """Return the address at which the citizen moves or cancels a promise, after noting which agent asked for it.

        Whoever has it can do so: it is for the citizen alone.
        """
        await self._note(agent, "callback_link", callback)
        return LinkView(address=self._page_of(callback))

    async def whom_to_follow_up(self, agent: AgentId, callback: CallbackId) -> CardView:
        """Return who was not reached, after noting that the agent has read it (I-25).

        Of a protected person nobody sees name or number who is not cleared for that. Raises :class:`NotAllowedError` for a promise that is not to be followed up.
        """
        async with self._database.transaction() as tx:
            promise = await self._promises.get(tx, callback)
            if promise.callback not in {one.callback for one in await self._promises.follow_ups(tx)}:
                raise NotAllowedError
            row = await self._contacts.get(tx, promise.contact)
            reading = Reading(reader=agent, what="follow_up", contact=promise.contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
        cleared = await self._routing.staffing.is_cleared(agent)
        person, unavailable = await self._person(row.subject, cleared=cleared)
        card = showing.card(row, person, unavailable=unavailable, benefits={})
        may_see = person is None or bool(person.name)
        return promise_showing.with_promise(card, promise, is_rung=may_see).model_copy(update={"code": ""})

    async def followed_up(self, agent: AgentId, callback: CallbackId, note: str) -> None:
        """Note that an agent has worked through a promise that was given up; once is enough."""
        await self._promises.followed_up(callback, agent, note)

    async def choices(self, agent: AgentId, contact: ContactId) -> OwnPromiseView:
        """Return what an agent can choose from who promises to ring this contact; raises :class:`NotAllowedError`."""
        await self._require_at_hand(agent, contact)
        async with self._database.reading() as tx:
            row = await self._contacts.get(tx, contact)
        periods = self._promises.ringing_periods(days=DAYS_AHEAD)
        queue = self._queues().get(row.queue)
        deputies = [
            ChoiceView(id=one.agent.id, label=one.agent.name)
            for one in await self._routing.staffing.everybody()
            if one.agent.id != agent and (queue is None or queue.requirement(row.language).met_by(one.agent.skills))
        ]
        return OwnPromiseView(times=list(promise_showing.instants(periods, now=self._clock.now())), deputies=deputies)

    async def promise(
        self, agent: AgentId, contact: ContactId, *, at: datetime | None, deputy: AgentId | None, number: str
    ) -> ToldView:
        """Promise that this agent rings whom they talk with, or have just talked with; return what they tell them of it.

        Once the talk is over nobody can be told a code, and there is none.
        Raises :class:`NotAllowedError` for anybody else's contact, or a deputy who cannot serve it; and as the room does
        that keeps promises.
        """
        allowed = {one.id for one in (await self.choices(agent, contact)).deputies}
        if deputy is not None and deputy not in allowed:
            raise NotAllowedError
        is_over = (await self._routing.desk(agent)).wrap_up == contact
        made = await self._promises.by_agent(
            agent=agent, contact=contact, at=at, deputy=deputy, number=number or None, tells_code=not is_over
        )
        return promise_showing.told(made, how=self._promises.policy, calls_from=self._calls_from)

    async def not_reached(self, agent: AgentId, contact: ContactId, how: str) -> bool:
        """Note that whoever answered an agent was not the citizen; ``False`` when the agent did not ring them."""
        await self._require_at_hand(agent, contact)
        async with self._database.reading() as tx:
            promise = await self._promises.of_contact(tx, contact)
        if promise is None:
            return False
        return await self._promises.not_reached(promise.callback, agent, how)

    async def _note(self, agent: AgentId, what: str, callback: CallbackId) -> None:
        """Have the chain tell which agent changes what a citizen was promised: committed before it is changed."""
        async with self._database.transaction() as tx:
            promise = await self._promises.get(tx, callback)
            row = await self._contacts.get(tx, promise.contact)
            reading = Reading(reader=agent, what=what, contact=promise.contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())

    async def counts(self, *, days: int) -> CallbackCountView:
        """Return what was promised in the last days, and what became of it: never by agent (N1)."""
        now = self._clock.now()
        async with self._database.reading() as tx:
            found = await self._promises.counted(tx, start=now - timedelta(days=days), end=now)
            used = await self._promises.caps_used(tx)
        return promise_showing.counted(found, used, days=days)

    async def _require_at_hand(self, agent: AgentId, contact: ContactId) -> None:
        if contact not in at_hand(await self._routing.desk(agent)):
            raise NotAllowedError

    def _rank(self, promise: Promise) -> datetime:
        return promise.first_requested_at - self._routing.head_start(promise.queue, HeadStart.CALLBACK)

    def _names(self) -> Mapping[str, str]:
        return {name: queue.label.get(showing.LANGUAGE, name) for name, queue in self._queues().items()}


def talked_with(desk: routing_desk.Desk) -> set[ContactId]:
    """Return whom an agent talks with, or has just talked with."""
    return ({desk.talk.contact} if desk.talk else set()) | ({desk.wrap_up} if desk.wrap_up else set())


def at_hand(desk: routing_desk.Desk) -> set[ContactId]:
    """Return whom an agent talks with or has just talked with, and whom they answer in writing."""
    return talked_with(desk) | {one.contact for one in desk.written}


def _is_due(promise: Promise, now: datetime) -> bool:
    return promise.state == IN_LINE or promise.not_before is None or promise.not_before <= now


def _next(promise: Promise) -> tuple[datetime, str]:
    return promise.not_before or promise.first_requested_at, promise.callback
