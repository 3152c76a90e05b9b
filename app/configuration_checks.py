"""What must fit together between the files of different rooms."""

from collections.abc import Iterable, Iterator, Sequence

from cases.demo_persons import DemoPerson
from cases.model import BenefitCatalogue
from cases.payments import PaymentCalendar
from core.ids import AgentId
from skills_routing.model import Agent
from storage.edited_file import Faults

Named = tuple[str, str, str]
"""The file, the place in it, and the benefit that it names."""


def check_benefits(
    faults: Faults,
    catalogue: BenefitCatalogue,
    *,
    calendar: PaymentCalendar | None,
    persons: Sequence[DemoPerson] | None,
) -> None:
    """Note each benefit that a file names and the catalogue does not; what could not be read is ``None``."""
    known = {benefit.benefit for benefit in catalogue.benefits}
    named = [
        *(_of_calendar(calendar) if calendar else ()),
        *_of_persons(persons or ()),
    ]
    for file, place, benefit in named:
        if benefit not in known:
            faults.add(file, place, f"there is no benefit {benefit!r} in config/benefits.yaml")


def check_users(faults: Faults, takers: Iterable[AgentId], agents: Iterable[Agent]) -> None:
    """Note each of the users who are to take contacts that is no agent: nobody could be offered to them."""
    known = {agent.id for agent in agents}
    for user in takers:
        if user not in known:
            faults.add("config/demo/users.yaml", f"user {user}: roles", "there is no such agent in agents.yaml")


def _of_calendar(calendar: PaymentCalendar) -> Iterator[Named]:
    for table in calendar.tables:
        place = f"table {' '.join(table.benefits[:3])} {table.year}: benefits"
        yield from (("config/payment_days.yaml", place, benefit) for benefit in table.benefits)


def _of_persons(persons: Iterable[DemoPerson]) -> Iterator[Named]:
    for person in persons:
        for part, rows in (("payments", person.payments), ("matters", person.matters)):
            for row in rows:
                yield "config/demo/persons.yaml", f"person {person.subject}: {part}", row.benefit
