"""What the room needs of a provider of texts, and what a provider tells us by itself."""

from collections.abc import Mapping, Sequence
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


class OptedOutAtProviderError(RefusedByProviderError):
    """The provider will not send to this number: its owner told the provider to stop."""


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
    """Takes texts. Every method answers within about five seconds."""

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

    async def close(self) -> None:
        """Let go of its connections."""
        ...


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What somebody posted to the address that we gave a provider. Nothing of it is believed before it is genuine.

    ``target`` is the path with its query exactly as they came; names of ``headers`` are in small letters; ``form`` keeps
    blank values, repeats and their order.
    """

    target: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    form: Sequence[tuple[str, str]] = field(repr=False)

    def get(self, name: str) -> str:
        """Return the first value of a field; empty when there is none."""
        return next((value for key, value in self.form if key == name), "")


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A text to us, as the provider tells of it: hostile."""

    provider_id: str
    number: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider tells of a text of ours. ``opted_out``: its owner told the provider to stop."""

    provider_id: str
    state: State
    ref: str = ""
    reason: str = ""
    opted_out: bool = False


class Webhook(Protocol):
    """Reads what a provider posts to us. ``answer`` is the whole body of our answer, of type ``media_type``."""

    name: str
    answer: str
    media_type: str

    def is_genuine(self, posted: Posted) -> bool:
        """Tell whether this came from the provider."""
        ...

    def text(self, posted: Posted) -> Incoming | None:
        """Return the text that came in; ``None`` when there is none in it."""
        ...

    def receipt(self, posted: Posted) -> Receipt | None:
        """Return what is told of a text of ours; ``None`` when there is nothing new in it."""
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
