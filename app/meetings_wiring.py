"""Makes the room of meetings over the others, and hands its parts what they need of them."""

from functools import partial
from typing import TYPE_CHECKING

from app import follow_ups
from app.booked_meetings import KeptMeetings
from app.meetings_by_text import MeetingsByText
from app.settings import Settings
from app.system import new_id
from cases.errors import CasesUnavailableError
from cases.model import CannotSee
from citizen_pages.links import Links
from core.errors import NotFoundError
from meetings.api.wording import INVITATIONS, PAGE
from meetings.model import Meeting
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
    rooms.meetings.inviting.link = invitations_of(rooms.settings).to
    rooms.meetings.letters.routed = lambda: {
        number for point in rooms.configuration.entry_points for number in point.numbers
    }
    rooms.meetings.briefs.names_of = partial(_names_of, rooms)
    rooms.renewals.append(lambda new: rooms.meetings.renew(new.meetings, new.meeting_policy))
    rooms.call_flow.book_meetings_with(KeptMeetings(rooms))
    rooms.answering.meets = MeetingsByText(rooms)
    rooms.answering.hears = lambda meeting, text: follow_ups.hear(rooms, meeting, text)


def links_of(settings: Settings) -> Links:
    """Return what signs the links to citizens' pages of meetings."""
    key = settings.session_secret.get_secret_value()
    return Links(about="meeting", page=PAGE, signing_key=key, base_url=settings.base_url)


def invitations_of(settings: Settings) -> Links:
    """Return what signs the links by which citizens book a meeting for themselves."""
    key = settings.session_secret.get_secret_value()
    return Links(about="invitation", page=INVITATIONS, signing_key=key, base_url=settings.base_url)


async def _names_of(rooms: "Rooms", row: Meeting) -> frozenset[str]:
    """Return the name that must not stand in a brief. While it cannot be looked up no brief is written."""
    if row.contact is None:
        return frozenset()
    try:
        async with rooms.database.reading(short=True) as tx:
            subject = (await rooms.contacts.get(tx, row.contact)).subject
    except NotFoundError:  # forgotten since
        return frozenset()
    card = await rooms.cases.card(subject) if subject else None
    if isinstance(card, CannotSee):
        raise CasesUnavailableError(card.reason)
    return frozenset({card.name}) if card is not None and card.name else frozenset()
