"""Puts an agent's desk together from what the rooms below know, and opens a contact's card to the one who has it."""

from collections.abc import Mapping

from cases.model import CannotSee
from cases.service import Cases
from contacts.errors import ContactNotFoundError
from contacts.model import Contact
from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, ContactId, Subject
from core.phone import parse_phone
from dashboard import promise_showing, showing, views
from dashboard.errors import NotAllowedError
from dashboard.promise_desk import at_hand, talked_with
from dashboard.promise_ports import Promise, Promises
from dashboard.text_ports import Text, Texts
from ivr.notice_board import NoticeBoard
from skills_routing.agents import desk as routing_desk
from skills_routing.service import Routing
from storage.audit import Reading, note_reading
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
        texts: Texts,
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
        self._texts = texts
        self._benefits = benefits
        self._steps = steps

    def renew(self, *, benefits: Mapping[str, str], steps: Mapping[str, str]) -> None:
        """Name benefits and what callers chose like this from now on."""
        self._benefits, self._steps = benefits, steps

    async def leaving(self, agent: AgentId, *, pausing: bool = False) -> views.LeavingView:
        """Return what an agent shall know before logging off or a break; nobody is ever kept from either."""
        return views.LeavingView(warnings=list(await self._routing.staffing.alone_for(agent, pausing=pausing)))

    async def picture(self, agent: AgentId) -> views.DeskView:
        """Return the whole desk of an agent. It names no citizen; the card does."""
        desk = await self._routing.desk(agent)
        async with self._database.reading() as tx:
            rung = {contact: await self._promise(tx, contact, desk) for contact in _at_hand(desk)}
            newest = {one.contact: await self._newest(tx, one.contact) for one in desk.written}
            wants = {contact: await self._wants(tx, contact, desk, rung[contact]) for contact in rung}
            promises = len(await self._callbacks.waiting(tx))
            given_up = len(await self._callbacks.follow_ups(tx))
        ring_backs = {contact: self._ring_back(promise, desk) for contact, promise in rung.items()}
        return views.DeskView(
            state=desk.state,
            reason=desk.reason,
            since=desk.since,
            next_state=desk.next_state or "",
            next_reason=desk.next_reason,
            offer=showing.offer(desk.offer, wants, ring_backs),
            talk=showing.talk(desk.talk, wants, ring_backs),
            wrap_up=showing.wrap_up(desk.wrap_up, desk.since, wants, ring_backs),
            written=showing.written(desk.written, wants, newest),
            lets_calls_in=desk.lets_calls_in,
            queues=[showing.queue(length) for length in desk.queues],
            callbacks_waiting=promises,
            callbacks_to_follow_up=given_up,
            notices=showing.notices(self._notices, desk.queues, self._routing.staffing.skills(), now=self._clock.now()),
            now=self._clock.now(),
        )

    async def card(self, agent: AgentId, contact: ContactId) -> views.CardView:
        """Return who a contact is with, after noting that the agent has read it (I-25).

        Raises :class:`NotAllowedError` unless this agent is offered the contact, has it, or is writing it up.
        """
        desk = await self._routing.desk(agent)
        if contact not in _at_hand(desk):
            raise NotAllowedError
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
            reading = Reading(reader=agent, what="contact_card", contact=contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
            promise = await self._promise(tx, contact, desk)
        cleared = await self._routing.staffing.is_cleared(agent)
        person, unavailable = await self.person(row.subject, cleared=cleared)
        card = showing.card(row, person, unavailable=unavailable, benefits=self._benefits)
        if promise is None:
            return card
        return promise_showing.with_promise(card, promise, is_rung=contact in talked_with(desk))

    async def person(self, subject: Subject | None, *, cleared: bool = False) -> tuple[views.PersonView | None, bool]:
        """Return the person, and whether the case systems cannot tell just now. ``cleared``: also a protected name."""
        if subject is None:
            return None, False
        seen = await self._cases.card(subject, cleared=cleared)
        if isinstance(seen, CannotSee):
            return None, True
        return showing.person(seen, benefits=self._benefits), False

    def _ring_back(self, promise: Promise | None, desk: routing_desk.Desk) -> views.RingBackView | None:
        if promise is None:
            return None
        most, is_begun = self._callbacks.policy.most_attempts, promise.contact in talked_with(desk)
        waits = desk.offer is not None and desk.offer.contact == promise.contact and desk.offer.is_on_the_line
        return promise_showing.ring_back(promise, agent=desk.agent, most=most, is_begun=is_begun, is_on_the_line=waits)

    async def _promise(self, tx: Transaction, contact: ContactId, desk: routing_desk.Desk) -> Promise | None:
        """Return the promise for which this contact is offered to the agent, or is rung by the agent."""
        promise = await self._callbacks.of_contact(tx, contact)
        if contact in at_hand(desk):
            return promise if promise_showing.is_rung_by(promise, desk.agent) else None
        return promise if promise_showing.is_offered(promise) else None

    async def _wants(
        self, tx: Transaction, contact: ContactId, desk: routing_desk.Desk, promise: Promise | None
    ) -> views.WaitingFor:
        row: Contact | None
        try:
            row = await self._contacts.get(tx, contact)
        except ContactNotFoundError:
            row = None
        offered = desk.offer.queue if desk.offer and desk.offer.contact == contact else ""
        queue = offered or (promise.queue if promise else "")
        return showing.about(row, contact, queue=queue, queues=desk.queues, steps=self._steps)

    async def _newest(self, tx: Transaction, contact: ContactId) -> Text | None:
        row = await self._contacts.find(tx, contact)
        number = parse_phone(row.caller) if row else None
        return await self._texts.newest_text(tx, number) if number else None


def _at_hand(desk: routing_desk.Desk) -> set[ContactId]:
    return at_hand(desk) | ({desk.offer.contact} if desk.offer else set())
