"""What the cases room needs of the agency's case systems. Two true implementations: embedded and over HTTP."""

from collections.abc import Sequence
from typing import Protocol

from cases.model import CaseStatus, Payment, Person
from core.ids import Subject


class CaseRegister(Protocol):
    """The agency's register of persons, matters and payments.

    Each method raises :class:`~cases.errors.CasesUnavailableError` when there is no answer, and
    :class:`~cases.errors.WrongAnswerError` when it is not one that can be trusted.
    """

    async def locate(self, personnummer: str) -> Subject | None:
        """Return the register's own key for twelve digits, or ``None`` when there is nobody."""
        ...

    async def person(self, subject: Subject) -> Person:
        """Return who the person is."""
        ...

    async def payments(self, subject: Subject) -> Sequence[Payment]:
        """Return what is to be paid to the person."""
        ...

    async def matters(self, subject: Subject) -> Sequence[CaseStatus]:
        """Return the person's matters, the newest first."""
        ...
