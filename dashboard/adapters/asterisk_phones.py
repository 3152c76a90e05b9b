"""Telephones in the browser, over WebRTC to Asterisk: each gets a fresh secret when its page opens."""

from collections.abc import Callable

from core.ids import AgentId
from dashboard.ports import DemoPhone, SipAccount
from telephony.asterisk.softphones import SoftphoneSecrets


class AsteriskSoftphones:
    """The agents' telephones. The browser answers by itself, so :meth:`answer` has nothing to do."""

    def __init__(self, *, switch: SoftphoneSecrets, new_secret: Callable[[], str], ws_url: str, domain: str) -> None:
        self._switch = switch
        self._new_secret = new_secret
        self._ws_url = ws_url
        self._domain = domain

    async def issue(self, agent: AgentId) -> SipAccount | None:
        """Make a new secret for the agent's telephone; the older one no longer works."""
        return await self.account(f"agent-{agent}")

    async def revoke(self, agent: AgentId) -> None:
        """Let the agent's telephone register no more."""
        await self._switch.revoke(f"agent-{agent}")

    async def answer(self, agent: AgentId) -> None:
        """Do nothing."""

    async def account(self, name: str) -> SipAccount:
        """Make a new secret for a telephone by its name at the switch."""
        secret = self._new_secret()
        await self._switch.set_secret(name, secret)
        return SipAccount(uri=f"sip:{name}@{self._domain}", password=secret, ws_url=self._ws_url)


class AsteriskDemoPhones:
    """The demonstration's telephones. The browser dials, presses and hangs up by itself."""

    def __init__(self, softphones: AsteriskSoftphones) -> None:
        self._softphones = softphones

    async def issue(self, phone: DemoPhone) -> SipAccount | None:
        """Make a new secret for the telephone."""
        return await self._softphones.account(phone.name)
