"""Kallelser as entries of a calendar (RFC 5545, sent as RFC 5546 says). Neutral: a calendar is often seen by others."""

from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText, vUri

from meetings.kallelse import Kallelse, Method
from meetings.shared_calendar import Slot

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


def times(slots: Sequence[Slot], stamp: datetime) -> bytes:
    """Return the times of a shared calendar: a number and a type each, and whether it is free. Nothing of whom."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for one in slots:
        event = Event()
        event.add("uid", f"{one.slot}@kundcenter")
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("dtstart", one.starts_at.astimezone(UTC))
        event.add("dtend", one.ends_at.astimezone(UTC))
        event.add("summary", one.type)
        event.add("transp", "TRANSPARENT" if one.is_free else "OPAQUE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
