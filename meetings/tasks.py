"""The tasks of handlers before day 90 of a sick leave."""

from meetings.changing import Changing


class Tasks:
    """The tasks of handlers."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
