"""What the desk needs of whoever keeps texts: ports, so that the desk stands without that room."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber

if TYPE_CHECKING:
    from storage.database import Transaction


class Text(Protocol):
    """One text of a thread."""

    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def is_ours(self) -> bool: ...  # noqa: D102
    @property
    def state(self) -> str | None: ...  # noqa: D102
    @property
    def is_personal(self) -> bool: ...  # noqa: D102
    @property
    def is_automatic(self) -> bool: ...  # noqa: D102


class Template(Protocol):
    """A text that agents begin with."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102


class Rate(Protocol):
    """What became of the texts of one provider, and how long half of them took at most, in seconds."""

    @property
    def provider(self) -> str: ...  # noqa: D102
    @property
    def accepted(self) -> int: ...  # noqa: D102
    @property
    def delivered(self) -> int: ...  # noqa: D102
    @property
    def failed(self) -> int: ...  # noqa: D102
    @property
    def unclear(self) -> int: ...  # noqa: D102
    @property
    def median_seconds(self) -> float | None: ...  # noqa: D102


class Health(Protocol):
    """Which part of new texts a provider gets now, from 0 to 1."""

    @property
    def share(self) -> float: ...  # noqa: D102


class Rates(Protocol):
    """How the providers of texts do. Of the system, never of whoever wrote (N1)."""

    async def rates(self, *, since: datetime) -> Sequence[Rate]:
        """Return what became of the texts meant since an instant, for each provider."""
        ...

    async def health(self) -> Mapping[str, Health]:
        """Return how each provider does just now."""
        ...


class Texts(Protocol):
    """The thread of a number, and an agent's answer to it."""

    async def thread(self, tx: "Transaction", number: PhoneNumber) -> Sequence[Text]:
        """Return the newest texts to and from a number, in the order in which they were written."""
        ...

    async def newest_text(self, tx: "Transaction", number: PhoneNumber) -> Text | None:
        """Return the newest text that the citizen or an agent wrote; ``None`` when neither ever did."""
        ...

    def templates(self, language: Language) -> Sequence[Template]:
        """Return the texts that agents begin with, in a language."""
        ...

    async def why_not(self, number: PhoneNumber | None) -> str | None:
        """Return why nothing can be written to a number, as a word; ``None`` when it can."""
        ...

    async def write_as_agent(
        self, tx: "Transaction", *, key: str, number: PhoneNumber, text: str, contact: ContactId, language: Language
    ) -> str | None:
        """Have sent what an agent wrote, once for each ``key``; return why not. Raises an error that names what is wrong."""
        ...
