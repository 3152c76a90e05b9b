"""What came too early or too late: callers for whom the line was not there, notes written after a wrap-up was given up."""

from contacts.service import Contacts
from core.ids import AgentId, ContactId
from skills_routing import store
from skills_routing.line.steering import Steering
from skills_routing.model import ContactState
from skills_routing.store import Routed
from storage.database import Database


class LateWork:
    """Does in the end what could not be done when it was asked."""

    def __init__(self, *, steering: Steering, database: Database, contacts: Contacts) -> None:
        self._steering = steering
        self._database = database
        self._contacts = contacts
        self._not_entered: dict[ContactId, Routed] = {}

    def remember(self, routed: Routed) -> None:
        """Keep a caller in mind who waits, and is not in the line yet."""
        self._not_entered[routed.contact] = routed

    async def enter(self) -> None:
        """Put those in the line for whom it was not there when they came, unless they have left."""
        for contact, routed in list(self._not_entered.items()):
            async with self._database.reading() as tx:
                row = await store.find(tx, contact)
            if row is not None and row.state is ContactState.WAITING:
                await self._steering.enter(routed)
            self._not_entered.pop(contact, None)

    async def note(self, agent: AgentId, contact: ContactId, *, code: str, note: str) -> bool:
        """Keep what an agent wrote whose browser was gone for so long that the wrap-up was given up; else ``False``."""
        async with self._database.transaction() as tx:
            row = await self._contacts.find(tx, contact)
            given_up = row is not None and row.agent == agent and row.talk_ended_at is not None and not row.wrap_up_code
            if not given_up or await store.find(tx, contact) is not None:
                return False
            await self._contacts.wrapped_up(tx, contact, agent, code, note)
        return True
