"""The door of the room: finds times that everybody and everything of a meeting has free, books, moves and cancels."""

from meetings.changing import Changing


class Meetings(Changing):
    """Booked office meetings. Every method is a transaction of its own, unless it takes one."""
