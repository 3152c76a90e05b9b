"""How a meeting is closed: with its documentation in the citizen's hand, or a reason."""

from meetings.changing import Changing


class Documenting:
    """The documentation of meetings."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
