"""How a citizen is called to a meeting: the kallelse, written once for each change of it."""

from meetings.changing import Changing


class Letters:
    """The kallelser of meetings."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings
