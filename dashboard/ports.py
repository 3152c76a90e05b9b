"""What the desk needs of others: telephones (a real Asterisk, or the line simulator), a log-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.ids import AgentId

if TYPE_CHECKING:
    from dashboard.users import User


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

    async def revoke(self, agent: AgentId) -> None:
        """Let the agent's telephone register no more. Raises :class:`~core.errors.UnavailableError`."""
        ...

    async def answer(self, agent: AgentId) -> None:
        """Take the call that rings at the agent's telephone, where the browser cannot do so itself."""
        ...


@dataclass(frozen=True, kw_only=True)
class DemoPhone:
    """A telephone of the demonstration: ``phone-1`` to ``phone-8``, and its own number (E.164)."""

    name: str
    number: str


class DemoPhones(Protocol):
    """The telephones of the demonstration at the switch."""

    async def issue(self, phone: DemoPhone) -> SipAccount | None:
        """Make the telephone ready for a page that has just got it; ``None`` when telephones here have no sound."""
        ...


class PhoneButtons(Protocol):
    """The buttons of telephones without sound, each named by its own number: no browser can press them by itself."""

    async def call(self, phone: str, number: str) -> None:
        """Dial."""
        ...

    async def answer(self, phone: str) -> None:
        """Take the call that rings."""
        ...

    async def press(self, phone: str, keys: str) -> None:
        """Press keys."""
        ...

    async def hang_up(self, phone: str) -> None:
        """Put the receiver down."""
        ...


class OrganisationLogin(Protocol):
    """The organisation's own log-in."""

    async def start(self) -> tuple[str, str]:
        """Return where to send the browser, and what it must bring back."""
        ...

    async def finish(self, answer: Mapping[str, str], *, pending: str) -> "User":
        """Return who came back; raises ``LoginRefusedError`` or ``LoginServiceError``."""
        ...
