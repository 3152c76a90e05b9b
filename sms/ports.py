"""What the room needs of a provider of texts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.errors import KundcenterError, UnavailableError
from core.phone import PhoneNumber
from sms.model import State


class NotTakenError(UnavailableError):
    """The provider has surely not got the text; it may be sent again."""


class UnclearError(UnavailableError):
    """Nobody can say whether the provider has got the text; look it up before it is sent again."""


class RefusedByProviderError(KundcenterError):
    """The provider will not send this text, however often it is asked."""


@dataclass(frozen=True)
class Taken:
    """What a provider says of a text that it has: its own name for it, and how far it is."""

    provider_id: str
    state: State


@dataclass(frozen=True, kw_only=True)
class ToSend:
    """One attempt. ``ref`` is our name for it, which a receipt may bring back; ``since`` is when it began."""

    ref: str
    number: PhoneNumber
    text: str = field(repr=False)
    since: datetime


class Provider(Protocol):
    """Takes texts. Every method answers within five seconds."""

    @property
    def name(self) -> str:
        """The word by which rows and figures know it."""
        ...

    async def send(self, one: ToSend) -> Taken:
        """Hand over one text; raises :class:`NotTakenError`, :class:`UnclearError` or :class:`RefusedByProviderError`."""
        ...

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        """Return what the provider has that may be this attempt, the oldest first; raises ``UnavailableError``."""
        ...


@dataclass(frozen=True)
class OnHandset:
    """A text on a handset, and when it came."""

    at: datetime
    text: str


class Handsets(Protocol):
    """Telephones of a demonstration, and the provider that delivers to them."""

    name: str

    async def on_handset(self, number: PhoneNumber) -> Sequence[OnHandset]:
        """Return what a handset shows, the newest first."""
        ...
