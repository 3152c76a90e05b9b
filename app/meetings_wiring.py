"""Makes the room of meetings over the others, and hands its parts what they need of them."""

from typing import TYPE_CHECKING

from app.booked_meetings import KeptMeetings
from app.settings import Settings
from app.system import new_id
from meetings.api.links import Links
from meetings.service import Meetings

if TYPE_CHECKING:
    from app.wiring import Rooms


def connect(rooms: "Rooms") -> None:
    """Make the room, and have it go by every changed configuration."""
    rooms.meetings = Meetings(
        database=rooms.database,
        clock=rooms.clock,
        new_id=new_id,
        contacts=rooms.contacts,
        register=rooms.configuration.meetings,
        policy=rooms.configuration.meeting_policy,
    )
    rooms.meetings.letters.link = links_of(rooms.settings).to
    rooms.meetings.letters.routed = lambda: {
        number for point in rooms.configuration.entry_points for number in point.numbers
    }
    rooms.renewals.append(lambda new: rooms.meetings.renew(new.meetings, new.meeting_policy))
    rooms.call_flow.book_meetings_with(KeptMeetings(rooms))


def links_of(settings: Settings) -> Links:
    """Return what signs the links to citizens' pages of meetings."""
    return Links(signing_key=settings.session_secret.get_secret_value(), base_url=settings.base_url)
