"""What a partner may read before a meeting: nothing that tells who it is, consented to and signed."""

from meetings.changing import Changing


class Briefs:
    """The briefs of meetings."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
