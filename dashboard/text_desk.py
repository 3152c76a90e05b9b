"""Texts as agents work with them: the thread of whom they talk with, and an answer to it."""

from collections.abc import Awaitable, Callable

from contacts.model import Contact
from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, ContactId, Subject
from core.phone import PhoneNumber, parse_phone
from dashboard.errors import NotAllowedError, TextRefusedError
from dashboard.promise_desk import at_hand
from dashboard.text_ports import Text, Texts
from dashboard.text_views import TemplateView, TextView, ThreadView
from dashboard.views import PersonView
from skills_routing.service import Routing
from storage.audit import Reading, note_reading
from storage.database import Database, Transaction

Person = Callable[[Subject | None], Awaitable[tuple[PersonView | None, bool]]]
"""Returns a person, and whether the case systems cannot tell just now."""

PROTECTED = "protected"
"""Why nothing is written to somebody with protected identity; nor while nobody can tell whether they are."""


class TextDesk:
    """What agents see and write. Only the thread of whom they talk with, have just talked with or answer in writing is open to them."""

    def __init__(
        self, *, database: Database, clock: Clock, routing: Routing, contacts: Contacts, texts: Texts, person: Person
    ) -> None:
        self._database = database
        self._clock = clock
        self._routing = routing
        self._contacts = contacts
        self._texts = texts
        self._person = person

    async def thread(self, agent: AgentId, contact: ContactId) -> ThreadView:
        """Return the texts to and from whom an agent has at hand, after noting that the agent has read them (I-25).

        So may whoever is offered somebody who has written. Raises :class:`NotAllowedError` for anybody else's.
        """
        await self._require_at_hand(agent, contact, offered=True)
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
            number = parse_phone(row.caller)
            reading = Reading(reader=agent, what="text_thread", contact=contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
            texts = await self._texts.thread(tx, number) if number else ()
        refused = await self._refused(row, number)
        templates = self._texts.templates(row.language)
        return ThreadView(
            texts=[_shown(one, is_known=row.person is not None) for one in texts],
            refused=refused,
            templates=[TemplateView(id=one.id, label=one.label, text=one.text) for one in templates],
        )

    async def write(self, agent: AgentId, contact: ContactId, *, key: str, text: str) -> None:
        """Send what an agent wrote, once for each ``key`` of the page's.

        Raises :class:`NotAllowedError`, :class:`~sms.errors.TextNotAllowedError` with what is wrong with the text, and
        :class:`TextRefusedError` with why nothing can be written to this number.
        """
        await self._require_at_hand(agent, contact)
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
        number = parse_phone(row.caller)
        refused = await self._refused(row, number)
        if refused or number is None:
            raise TextRefusedError(refused)
        async with self._database.transaction() as tx:
            why_not = await self._write(tx, agent, row, number, key=key, text=text)
        if why_not:
            raise TextRefusedError(why_not)

    async def _write(
        self, tx: Transaction, agent: AgentId, row: Contact, number: PhoneNumber, *, key: str, text: str
    ) -> str | None:
        reading = Reading(reader=agent, what="text_written", contact=row.contact, subject=row.subject)
        await note_reading(tx, reading, at=self._clock.now())
        return await self._texts.write_as_agent(
            tx, key=f"{row.contact}:{key}", number=number, text=text, contact=row.contact, language=row.language
        )

    async def _refused(self, row: Contact, number: PhoneNumber | None) -> str:
        """Return why nothing can be written; ``""`` when it can."""
        why_not = await self._texts.why_not(number)
        if why_not:
            return why_not
        person, unavailable = await self._person(row.subject)
        return PROTECTED if unavailable or (person is not None and person.protected) else ""

    async def _require_at_hand(self, agent: AgentId, contact: ContactId, *, offered: bool = False) -> None:
        desk = await self._routing.desk(agent)
        is_offered = offered and desk.offer is not None and desk.offer.is_written and desk.offer.contact == contact
        if not is_offered and contact not in at_hand(desk):
            raise NotAllowedError


def _shown(one: Text, *, is_known: bool) -> TextView:
    is_hidden = one.is_personal and not is_known
    words = "" if is_hidden else one.text
    return TextView(
        at=one.at,
        text=words,
        is_ours=one.is_ours,
        state=one.state or "",
        is_hidden=is_hidden,
        is_automatic=one.is_automatic,
    )
