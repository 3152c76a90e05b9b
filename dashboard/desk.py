"""Puts an agent's desk together from what the rooms below know, and opens a contact's card to the one who has it."""

from collections.abc import Mapping
from datetime import datetime

from cases.model import CannotSee
from cases.service import Cases
from contacts.errors import ContactNotFoundError
from contacts.model import Contact
from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, ContactId, Subject
from dashboard import showing, views
from dashboard.audit import Reading, note_reading
from dashboard.errors import NotAllowedError
from dashboard.ports import Promise, Promises
from ivr.notice_board import NoticeBoard
from skills_routing.agents import desk as routing_desk
from skills_routing.rules.queues import HeadStart
from skills_routing.service import Routing
from storage.database import Database, Transaction


class Desk:
    """What the agent's window shows. ``benefits`` and ``steps`` name benefits and what callers chose, in Swedish."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        routing: Routing,
        contacts: Contacts,
        callbacks: Promises,
        cases: Cases,
        notices: NoticeBoard,
        benefits: Mapping[str, str],
        steps: Mapping[str, str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._routing = routing
        self._contacts = contacts
        self._callbacks = callbacks
        self._cases = cases
        self._notices = notices
        self._benefits = benefits
        self._steps = steps

    def renew(self, *, benefits: Mapping[str, str], steps: Mapping[str, str]) -> None:
        """Name benefits and what callers chose like this from now on."""
        self._benefits, self._steps = benefits, steps

    async def leaving(self, agent: AgentId) -> views.LeavingView:
        """Return what an agent shall know before logging off; nobody is ever kept from it."""
        return views.LeavingView(warnings=list(await self._routing.staffing.alone_for(agent)))

    async def picture(self, agent: AgentId) -> views.DeskView:
        """Return the whole desk of an agent. It names no citizen; the card does."""
        desk = await self._routing.desk(agent)
        async with self._database.reading() as tx:
            wants = {contact: await self._wants(tx, contact, desk) for contact in _at_hand(desk)}
            promises = len(await self._callbacks.waiting(tx))
        return views.DeskView(
            state=desk.state,
            reason=desk.reason,
            since=desk.since,
            next_state=desk.next_state or "",
            next_reason=desk.next_reason,
            offer=showing.offer(desk.offer, wants),
            talk=showing.talk(desk.talk, wants),
            wrap_up=showing.wrap_up(desk.wrap_up, desk.since, wants),
            queues=[showing.queue(length) for length in desk.queues],
            callbacks_waiting=promises,
            notices=showing.notices(self._notices, desk.queues, now=self._clock.now()),
            now=self._clock.now(),
        )

    async def card(self, agent: AgentId, contact: ContactId) -> views.CardView:
        """Return who a contact is with, after noting that the agent has read it (I-25).

        Raises :class:`NotAllowedError` unless this agent is offered the contact, has it, or is writing it up.
        """
        if contact not in _at_hand(await self._routing.desk(agent)):
            raise NotAllowedError
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
            reading = Reading(reader=agent, what="contact_card", contact=contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
        person, unavailable = await self._person(row.subject)
        return showing.card(row, person, unavailable=unavailable, benefits=self._benefits)

    async def promises(self, agent: AgentId) -> list[views.CallbackView]:
        """Return whom somebody has promised to ring back, by rank, after noting that the agent has read it."""
        names = {length.queue: length.label[showing.LANGUAGE] for length in (await self._routing.desk(agent)).queues}
        async with self._database.transaction() as tx:
            await note_reading(tx, Reading(reader=agent, what="callbacks"), at=self._clock.now())
            waiting = await self._callbacks.waiting(tx)
        return [showing.callback(promise, names) for promise in sorted(waiting, key=self._rank)]

    def _rank(self, promise: Promise) -> datetime:
        return promise.first_requested_at - self._routing.head_start(promise.queue, HeadStart.CALLBACK)

    async def _wants(self, tx: Transaction, contact: ContactId, desk: routing_desk.Desk) -> views.WaitingFor:
        row: Contact | None
        try:
            row = await self._contacts.get(tx, contact)
        except ContactNotFoundError:
            row = None
        queue = desk.offer.queue if desk.offer else ""
        return showing.about(row, contact, queue=queue, queues=desk.queues, steps=self._steps)

    async def _person(self, subject: Subject | None) -> tuple[views.PersonView | None, bool]:
        if subject is None:
            return None, False
        seen = await self._cases.card(subject)
        if isinstance(seen, CannotSee):
            return None, True
        return showing.person(seen, benefits=self._benefits), False


def _at_hand(desk: routing_desk.Desk) -> set[ContactId]:
    parts = (desk.offer, desk.talk)
    return {part.contact for part in parts if part is not None} | ({desk.wrap_up} if desk.wrap_up else set())
