"""What the citizen answers and consents to before a meeting."""

from meetings.changing import Changing


class Preparing:
    """The preparation of meetings."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
