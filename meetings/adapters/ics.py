"""Kallelser as entries of a calendar (RFC 5545, sent as RFC 5546 says). Neutral: a calendar is often seen by others."""

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText, vUri

from meetings.kallelse import Kallelse, Method

PRODUCT = "-//Kundcenter//Meetings//SV"


def entry(kallelse: Kallelse, *, stamp: datetime) -> bytes:
    """Return a kallelse as a calendar with one event; ``stamp`` is when it is made.

    A move has the same ``UID`` and a higher ``SEQUENCE``. There is no attendee: it tells nobody whose it is.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", str(kallelse.method))
    calendar.add_component(_event(kallelse, stamp))
    return bytes(calendar.to_ical())


def _event(kallelse: Kallelse, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{kallelse.meeting}@kundcenter")
    event.add("sequence", kallelse.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", kallelse.starts_at.astimezone(UTC))
    event.add("dtend", kallelse.ends_at.astimezone(UTC))
    event.add("summary", kallelse.summary)
    event.add("description", kallelse.description)
    event.add("status", "CANCELLED" if kallelse.method is Method.CANCEL else "CONFIRMED")
    organizer = vCalAddress(vUri(f"tel:{kallelse.direct}"))
    organizer.params["CN"] = vText("Försäkringskassan")
    event.add("organizer", organizer)
    if kallelse.place:
        event.add("location", kallelse.place)
    return event
