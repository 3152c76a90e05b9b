"""A register of invented persons inside the product, for the demo, the simulator and tests."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from cases.demo_persons import DemoPerson
from cases.errors import WrongAnswerError
from cases.model import CaseStatus, Payment, Person
from core.ids import Subject


class EmbeddedRegister:
    """Knows the persons that it is given; ``today`` tells the day from which their dates are counted."""

    def __init__(self, *, persons: Iterable[DemoPerson], today: Callable[[], date]) -> None:
        self._by_number = {person.personnummer: person for person in persons}
        self._by_subject = {person.subject: person for person in self._by_number.values()}
        self._today = today

    async def locate(self, personnummer: str) -> Subject | None:
        """Return the register's own key for twelve digits, or ``None`` when there is nobody."""
        person = self._by_number.get(personnummer)
        return person.subject if person else None

    async def person(self, subject: Subject) -> Person:
        """Return who the person is."""
        return self._find(subject).as_person()

    async def payments(self, subject: Subject) -> Sequence[Payment]:
        """Return what is to be paid to the person."""
        return self._find(subject).payments_on(self._today())

    async def matters(self, subject: Subject) -> Sequence[CaseStatus]:
        """Return the person's matters, the newest first."""
        return self._find(subject).matters_on(self._today())

    def _find(self, subject: Subject) -> DemoPerson:
        if subject not in self._by_subject:
            raise WrongAnswerError
        return self._by_subject[subject]
