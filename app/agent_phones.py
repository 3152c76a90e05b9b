"""What the switch tells of telephones, told to routing of agents."""

import contextlib
from typing import TYPE_CHECKING

from core.errors import UnavailableError
from core.ids import AgentId
from telephony.model import PhonesCounted

if TYPE_CHECKING:
    from app.wiring import Rooms

_OF_AGENT = "agent-"


def agent_line(agent: str) -> str:
    """Return the name of an agent's telephone at the switch."""
    return f"{_OF_AGENT}{agent}"


async def counted(rooms: "Rooms", fact: PhonesCounted) -> None:
    """Tell routing which agents' telephones can be rung; other telephones are no concern of it."""
    ours = {phone for phone in fact.phones if phone.startswith(_OF_AGENT)}
    with contextlib.suppress(UnavailableError):  # the next count makes it good
        await rooms.routing.phones.counted({AgentId(phone.removeprefix(_OF_AGENT)) for phone in ours})
