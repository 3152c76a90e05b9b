"""The door of the room: finds times that everybody and everything of a meeting has free, books, moves and cancels."""

from contacts.service import Contacts
from core.clock import Clock
from core.ids import NewId
from meetings.at_desk import AtDesk
from meetings.briefs import Briefs
from meetings.changing import Changing
from meetings.documenting import Documenting
from meetings.following import Following
from meetings.forgetting import Forgetting
from meetings.guidance import Guidance
from meetings.inviting import Inviting
from meetings.letters import Letters
from meetings.policy import Policy
from meetings.preparing import Preparing
from meetings.register import Register
from meetings.reporting import Reporting
from meetings.tasks import Tasks
from storage.database import Database


class Meetings(Changing):
    """Booked office meetings. Every method is a transaction of its own, unless it takes one.

    Its parts know what goes with a meeting: invitation, kallelse, preparation, brief, documentation, what follows, tasks, and
    the report.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_id: NewId,
        contacts: Contacts,
        register: Register,
        policy: Policy,
    ) -> None:
        super().__init__(
            database=database, clock=clock, new_id=new_id, contacts=contacts, register=register, policy=policy
        )
        self.letters = Letters(self)
        self.preparing = Preparing(self)
        self.inviting = Inviting(self)
        self.at_desk = AtDesk(self, letters=self.letters, preparing=self.preparing, inviting=self.inviting)
        self.briefs = Briefs(self, self.preparing)
        self.documents = Documenting(self)
        self.guidance = Guidance(self)
        self.following = Following(self)
        self.forgetting = Forgetting(self)
        self.tasks = Tasks(self)
        self.reports = Reporting(self)
