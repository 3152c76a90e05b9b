"""What an agent is shown of a meeting beforehand, and as which handler an agent meets citizens."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.meeting_texts import number_of
from cases.errors import CasesUnavailableError
from core.ids import AgentId
from core.language import Language

if TYPE_CHECKING:
    from app.wiring import Rooms
    from dashboard.meeting_ports import Meeting
    from storage.database import Transaction


def handler_of(rooms: "Rooms", agent: AgentId) -> AgentId | None:
    """Return as which handler an agent meets citizens; ``None`` for who meets none."""
    ours = (one for one in rooms.meetings.register.handlers.values() if one.is_ours)
    return next((one.handler for one in ours if one.agent == agent), None)


class Beforehand:
    """The kallelse, the questions with what was answered, and whether a text can tell the citizen of the documentation."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def kallelse(self, tx: "Transaction", row: "Meeting") -> str:
        """Return the newest kallelse in words; ``""`` while there is none."""
        return await self._rooms.meetings.at_desk.kallelse(tx, row.meeting)

    async def answers(self, tx: "Transaction", row: "Meeting") -> Mapping[str, str]:
        """Return each question of the kallelse, in words, with what was answered; ``""`` while nothing is."""
        given = await self._rooms.meetings.at_desk.answers(tx, row.meeting)
        about = self._rooms.meetings.policy.about.get(row.type)
        return {one.asks[Language.SWEDISH]: given.get(one.question, "") for one in about.questions} if about else {}

    async def takes_receipt(self, tx: "Transaction", row: "Meeting") -> bool:
        """Tell whether a text can tell the citizen that the documentation is there."""
        if not self._rooms.meetings.policy.digital_receipt:
            return False
        try:
            return await number_of(self._rooms, tx, await self._rooms.meetings.at_desk.get(tx, row.meeting)) is not None
        except CasesUnavailableError:  # nobody can tell whether they are protected, so nothing is written to them
            return False
