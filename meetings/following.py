"""What is asked some days after a meeting, and what is unclear in the guidance."""

from meetings.changing import Changing


class Following:
    """What follows on meetings."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
