"""Takes in what the agency's systems tell of: once, however often it is told, and committed before we say so (I-28, I-29)."""

from datetime import date
from hashlib import sha256

from cases.events import CaseEventKind, CaseEventReceived
from core.clock import Clock
from core.ids import Subject
from storage.database import Database
from storage.inbox import first_time


class CaseEvents:
    """The way in for events of the agency's systems."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(
        self,
        *,
        told_as: str,
        kind: CaseEventKind,
        subject: Subject,
        benefit: str,
        on: date | None = None,
        handler: str = "",
    ) -> bool:
        """Take in one event under the name that its sender gives it; ``False`` when it was taken in before."""
        now = self._clock.now()
        event = f"evt_{sha256(told_as.encode('utf-8', 'replace')).hexdigest()[:32]}"
        async with self._database.transaction() as tx:
            if not await first_time(tx, f"cases:{event}", now=now):
                return False
            await tx.record(
                CaseEventReceived(
                    occurred_at=now, event=event, kind=kind, subject=subject, benefit=benefit, on=on, handler=handler
                )
            )
        return True
