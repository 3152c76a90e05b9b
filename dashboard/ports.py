"""What the desk needs of telephones. Two of each: a real Asterisk, and the line simulator."""

from dataclasses import dataclass
from typing import Protocol

from core.ids import AgentId


@dataclass(frozen=True, kw_only=True)
class SipAccount:
    """What a telephone in the browser registers with. The password works for a short while only; it is never logged."""

    uri: str
    password: str
    ws_url: str

    def __repr__(self) -> str:
        return f"SipAccount({self.uri})"


class Softphones(Protocol):
    """Gives agents a telephone in the browser."""

    async def issue(self, agent: AgentId) -> SipAccount | None:
        """Make a new short-lived secret for the agent's telephone; ``None`` when telephones here have no sound."""
        ...

    async def answer(self, agent: AgentId) -> None:
        """Take the call that rings at the agent's telephone, where the browser cannot do so itself."""
        ...


@dataclass(frozen=True, kw_only=True)
class DemoPhone:
    """A telephone of the demonstration: ``phone-1`` to ``phone-8``, its own number and, with sound, its account."""

    phone: str
    number: str
    account: SipAccount | None


class DemoPhones(Protocol):
    """The telephones of the demonstration."""

    def names(self) -> tuple[str, ...]:
        """Name the telephones that there are."""
        ...

    def number(self, phone: str) -> str:
        """Return the telephone's own number (E.164)."""
        ...

    async def issue(self, phone: str) -> DemoPhone:
        """Make a new short-lived secret for the telephone."""
        ...

    async def call(self, phone: str, number: str) -> None:
        """Dial, where the browser cannot do so itself."""
        ...

    async def answer(self, phone: str) -> None:
        """Take the call that rings, where the browser cannot do so itself."""
        ...

    async def press(self, phone: str, key: str) -> None:
        """Press one key, where the browser cannot do so itself."""
        ...

    async def hang_up(self, phone: str) -> None:
        """Put the receiver down, where the browser cannot do so itself."""
        ...
