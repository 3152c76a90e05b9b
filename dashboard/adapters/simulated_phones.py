"""Telephones without sound, for the line simulator: the server presses their buttons, in the controller's process."""

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
    """The demonstration's telephones at the simulator."""

    def __init__(self, phones: RemotePhones) -> None:
        self._phones = phones

    async def issue(self, phone: DemoPhone) -> SipAccount | None:
        """Plug the telephone in, with the receiver down: the page that had it before may have left it up."""
        await self._phones.hang_up(phone.number)
        await self._phones.plug_in(phone.number)
        return None
