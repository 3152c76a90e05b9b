"""Of the telephones at the switch, routing hears of agents, by the agents' own names."""

from datetime import UTC, datetime
from types import SimpleNamespace

from app import agent_phones
from core.errors import UnavailableError
from telephony.model import PhonesCounted

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Heard:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.agents: set[str] = set()

    async def counted(self, here: set[str]) -> None:
        if self.error:
            raise self.error
        self.agents = here


async def hear(heard: Heard, *phones: str) -> None:
    rooms = SimpleNamespace(routing=SimpleNamespace(phones=heard))
    fact = PhonesCounted(occurred_at=AT, switch="asterisk", phones=frozenset(phones))
    await agent_phones.counted(rooms, fact)  # type: ignore[arg-type]


async def test_only_agents_telephones_are_told_of_and_by_the_agents_name() -> None:
    heard = Heard()
    await hear(heard, agent_phones.agent_line("asa"), "agent-agent-x", "phone-3", "trunk")
    assert heard.agents == {"asa", "agent-x"}


async def test_a_store_that_is_away_is_no_matter_for_the_next_count_comes() -> None:
    await hear(Heard(UnavailableError()), "agent-asa")
