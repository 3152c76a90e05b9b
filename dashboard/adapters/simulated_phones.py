"""Telephones without sound, for the line simulator: the server presses their buttons, in the controller's process."""

from collections.abc import Mapping

from core.ids import AgentId
from dashboard.ports import DemoPhone, SipAccount
from telephony.simulator.remote import RemotePhones


class SimulatedSoftphones:
    """The agents' telephones at the simulator."""

    def __init__(self, phones: RemotePhones) -> None:
        self._phones = phones

    async def issue(self, agent: AgentId) -> SipAccount | None:
        """Plug the agent's telephone in; it has no account, for the browser carries no sound."""
        await self._phones.plug_in(f"agent-{agent}")
        return None

    async def revoke(self, agent: AgentId) -> None:
        """Do nothing: a telephone without an account has no secret."""

    async def answer(self, agent: AgentId) -> None:
        """Take the call that rings at the agent's telephone."""
        await self._phones.answer(f"agent-{agent}")


class SimulatedDemoPhones:
    """The demonstration's telephones at the simulator. ``numbers`` is telephone → its number (E.164)."""

    def __init__(self, phones: RemotePhones, numbers: Mapping[str, str]) -> None:
        self._phones = phones
        self._numbers = numbers

    def names(self) -> tuple[str, ...]:
        """Name the telephones that there are."""
        return tuple(self._numbers)

    def number(self, phone: str) -> str:
        """Return the telephone's own number (E.164)."""
        return self._numbers[phone]

    async def issue(self, phone: str) -> DemoPhone:
        """Plug the telephone in, with the receiver down: the page that had it before may have left it up."""
        await self._phones.hang_up(self._numbers[phone])
        await self._phones.plug_in(self._numbers[phone])
        return DemoPhone(phone=phone, number=self._numbers[phone], account=None)

    async def call(self, phone: str, number: str) -> None:
        """Dial."""
        await self._phones.call(self._numbers[phone], number)

    async def answer(self, phone: str) -> None:
        """Take the call that rings."""
        await self._phones.answer(self._numbers[phone])

    async def press(self, phone: str, keys: str) -> None:
        """Press keys."""
        await self._phones.press(self._numbers[phone], keys)

    async def hang_up(self, phone: str) -> None:
        """Put the receiver down."""
        await self._phones.hang_up(self._numbers[phone])
