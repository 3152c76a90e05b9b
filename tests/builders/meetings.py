"""The room of meetings as we ship it, over a database and a clock."""

from contacts.service import Contacts
from core.clock import Clock
from core.ids import NewId
from meetings.register import Register
from meetings.service import Meetings
from storage.database import Database
from tests.unit.meetings.offices import policy, register


def meetings_over(database: Database, clock: Clock, new_id: NewId, *, offices: Register | None = None) -> Meetings:
    """Return the room with the offices that we ship, or others."""
    return Meetings(
        database=database,
        clock=clock,
        new_id=new_id,
        contacts=Contacts(database=database, clock=clock),
        register=offices or register(),
        policy=policy(),
    )
