"""What was written to and fro with a number, as one reads it: for other systems, the command line and agents."""

from collections.abc import Sequence
from datetime import datetime

from core.phone import PhoneNumber
from sms import thread_store
from sms.errors import TextNotFoundError
from sms.part import Part
from sms.thread_store import Line, Thread
from storage.database import Transaction

__all__ = ["Line", "Thread", "Threads"]


class Threads(Part):
    """How one reads what was written."""

    async def threads(self, tx: Transaction, *, since: datetime, limit: int = 50) -> Sequence[Thread]:
        """Return the threads in which something was written since an instant, the newest first."""
        return await thread_store.threads(tx, since=since, limit=limit)

    async def thread(self, tx: Transaction, number: PhoneNumber, *, limit: int = 100) -> Sequence[Line]:
        """Return what was written with a number, the oldest first; at most the newest ``limit``."""
        return await thread_store.lines(tx, number, limit=limit)

    async def newest_text(self, tx: Transaction, number: PhoneNumber) -> Line | None:
        """Return the newest text that the citizen or an agent wrote; ``None`` when neither ever did."""
        newest = await thread_store.lines(tx, number, limit=1, by_persons=True)
        return newest[-1] if newest else None

    async def number_of(self, tx: Transaction, text: str) -> PhoneNumber:
        """Return whom a text went to or came from, by our id for it; raises :class:`TextNotFoundError`."""
        number = await thread_store.number_of(tx, text)
        if number is None:
            raise TextNotFoundError(text)
        return number
