"""What the IVR needs of whoever keeps promises to ring back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.ids import CallbackId, ContactId
from ivr.model import Time


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A promise as a caller may hear of it. ``slot`` is the time that they chose, ``told`` between when and when we said
    that we would ring; ``proof`` is the code that we say when we ring, empty for whoever was not promised it in this
    very call; ``attempts`` is how often we try, ``number_tail`` the last digits of the number, ``queue`` what it is for."""

    callback: CallbackId
    queue: str = ""
    slot: Time | None = None
    told: Time | None = None
    proof: str = field(default="", repr=False)
    attempts: int = 3
    number_tail: str = ""


class Promises(Protocol):
    """Promises to ring back. Every method may raise ``UnavailableError``."""

    async def open_for(self, contact: ContactId) -> Promise | None:
        """Return the open promise of whoever this contact is: of the person, else of the number that rings."""
        ...

    async def promised_to(self, contact: ContactId) -> Promise | None:
        """Return the promise that this contact got."""
        ...

    async def times(self, queue: str) -> Sequence[Time]:
        """Return the times that can be chosen in a queue, the soonest first."""
        ...

    async def move(self, callback: CallbackId, starts_at: datetime | None) -> Promise | None:
        """Ring at the time that starts then instead, or with ``None`` when it is their turn.

        Returns ``None`` when the time was just taken by somebody else; raises ``BeingRungError`` while
        they are being rung, and ``ConflictError`` or ``NotFoundError`` when there is no promise to move any more.
        """
        ...

    async def cancel(self, callback: CallbackId) -> bool:
        """Let go of a promise; ``False`` when it was over already."""
        ...
