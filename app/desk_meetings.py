"""What an agent is shown of a meeting beforehand, and as which handler an agent meets citizens."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.ids import AgentId
from core.language import Language

if TYPE_CHECKING:
    from app.wiring import Rooms
    from dashboard.meeting_ports import Meeting
    from storage.database import Transaction


def handler_of(rooms: "Rooms", agent: AgentId) -> AgentId | None:
    """Return as which handler an agent meets citizens; ``None`` for who meets none."""
    return agent if agent in rooms.meetings.register.handlers else None


class Beforehand:
    """The kallelse, the questions with what was answered, and whether a text can tell the citizen of the documentation."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def kallelse(self, tx: "Transaction", row: "Meeting") -> str:
        """Return the newest kallelse in words; ``""`` while there is none."""
        return ""

    async def answers(self, tx: "Transaction", row: "Meeting") -> Mapping[str, str]:
        """Return each question of the kallelse, in words, with what was answered; ``""`` while nothing is."""
        about = self._rooms.meetings.policy.about.get(row.type)
        return {one.asks[Language.SWEDISH]: "" for one in about.questions} if about else {}

    async def takes_receipt(self, tx: "Transaction", row: "Meeting") -> bool:
        """Tell whether a text can tell the citizen that the documentation is there."""
        return False
