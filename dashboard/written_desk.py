"""Written contacts as agents work with them: how one ends, and how it goes back to the line."""

from collections.abc import Awaitable, Callable

from contacts.model import Contact
from contacts.service import Contacts
from core.ids import AgentId, ContactId
from core.phone import parse_phone
from dashboard.configuration import ANSWERED, TO_CALLBACK, DeskChoices
from dashboard.errors import NotAllowedError, NotAnsweredError, UnknownChoiceError
from dashboard.text_ports import Texts
from skills_routing.service import Routing
from storage.database import Database

RingInstead = Callable[[Contact], Awaitable[None]]
"""Promises to ring whoever wrote, once for each contact, and tells them so; raises why not as an error of ours."""


class WrittenDesk:
    """What agents do with those whom they answer in writing, besides writing."""

    def __init__(
        self,
        *,
        database: Database,
        routing: Routing,
        contacts: Contacts,
        choices: DeskChoices,
        ring_instead: RingInstead,
        texts: Texts,
    ) -> None:
        self._database = database
        self._routing = routing
        self._contacts = contacts
        self._choices = choices
        self._ring_instead = ring_instead
        self._texts = texts

    async def close(self, agent: AgentId, contact: ContactId, *, code: str, note: str) -> None:
        """End a written contact by one of the ways that there are; one of them promises first to ring its citizen.

        Raises :class:`UnknownChoiceError`, :class:`NotAllowedError` for anybody else's, :class:`NotAnsweredError` when it is to
        end as answered and nobody has written anything, and why nobody can be rung.
        """
        if code not in self._choices.written_codes:
            raise UnknownChoiceError
        if contact not in {one.contact for one in (await self._routing.desk(agent)).written}:
            raise NotAllowedError
        if code == ANSWERED and not await self._is_answered(contact):
            raise NotAnsweredError
        if code == TO_CALLBACK:
            async with self._database.reading() as tx:
                row = await self._contacts.get(tx, contact)
            await self._ring_instead(row)
        await self._routing.written.close(agent, contact=contact, code=code, note=note)

    async def _is_answered(self, contact: ContactId) -> bool:
        async with self._database.reading() as tx:
            row = await self._contacts.get(tx, contact)
            number = parse_phone(row.caller)
            thread = await self._texts.thread(tx, number) if number else ()
        return any(one.is_ours and not one.is_automatic and one.at >= row.opened_at for one in thread)

    async def let_calls_in(self, agent: AgentId, *, yes: bool) -> None:
        """Let calls come while this agent writes, or not, from now on."""
        await self._routing.staffing.let_calls_in(agent, yes=yes)

    async def hand_back(self, agent: AgentId, contact: ContactId) -> None:
        """Put a written contact back at its place, for somebody else."""
        await self._routing.written.hand_back(agent, contact=contact)
