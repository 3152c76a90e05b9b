"""What became of a prompt, as the event that every switch reports."""

from datetime import datetime

from core.ids import LegId
from telephony.digits import NothingPressed, Pressed
from telephony.line import Heard, Report
from telephony.model import Digits, NoInput, Said


def event_of(report: Report, *, leg: LegId, at: datetime) -> Said | NoInput | Digits:
    """Return the event of a line's report: heard to its end, nothing pressed in time, or digits."""
    match report.what:
        case Heard():
            return Said(occurred_at=at, leg=leg, ref=report.ref)
        case NothingPressed():
            return NoInput(occurred_at=at, leg=leg, ref=report.ref)
        case Pressed(digits=digits, complete=complete):
            return Digits(occurred_at=at, leg=leg, digits=digits, ref=report.ref, complete=complete)
