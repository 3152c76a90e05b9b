"""What is said to callers, as text beside the sound: for the telephones of the demo page, and for nobody else."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable

from core.ids import LegId
from telephony.model import (
    Action,
    Ask,
    Bridge,
    CallArrived,
    CallEvent,
    Hold,
    LegAdopted,
    LegEnded,
    LegRole,
    LegsBridged,
    PutOnHold,
    Ring,
    Say,
    TakeOffHold,
)
from telephony.phone_feed import PhoneFeed
from telephony.ports import Switch


class TranscribedSwitch:
    """A ``Switch`` that tells a telephone's feed what the real one is asked to let it hear.

    Only telephones for which ``is_ours`` holds are told of, so that no real citizen's call is ever published.
    """

    def __init__(self, switch: Switch, feed: PhoneFeed, *, is_ours: Callable[[str], bool]) -> None:
        self._switch = switch
        self._feed = feed
        self._is_ours = is_ours
        self._phones: dict[LegId, str] = {}

    async def perform(self, action: Action) -> None:
        """Perform it, then tell the feed."""
        if isinstance(action, Ring) and action.role is LegRole.CITIZEN:
            self._know(action.leg, action.target)
        await self._switch.perform(action)
        match action:
            case Say() | Ask():
                for utterance in action.utterances:
                    self._tell(action.leg, "said", utterance.text)
            case Hold() | PutOnHold():
                self._tell(action.leg, "music")
            case TakeOffHold():
                self._tell(action.leg, "connected")
            case Bridge():
                pass  # told when it has come about

    async def ping(self) -> None:
        """Ask the real one for a sign of life."""
        await self._switch.ping()

    async def events(self) -> AsyncIterator[CallEvent]:
        """Pass on what happens, and tell the feed of it."""
        happenings = self._switch.events()
        try:
            async for event in happenings:
                self._happened(event)
                yield event
        finally:
            if isinstance(happenings, AsyncGenerator):
                await happenings.aclose()

    def _happened(self, event: CallEvent) -> None:
        match event:
            case CallArrived() | LegAdopted():
                self._know(event.leg, event.caller)
            case LegsBridged():
                for leg in event.legs:
                    self._tell(leg, "connected")
            case LegEnded():
                self._tell(event.leg, "ended", event.cause)
                self._phones.pop(event.leg, None)

    def _know(self, leg: LegId, phone: str) -> None:
        if phone and self._is_ours(phone):
            self._phones[leg] = phone

    def _tell(self, leg: LegId, kind: str, text: str = "") -> None:
        if leg in self._phones:
            self._feed.tell(self._phones[leg], kind=kind, text=text)
