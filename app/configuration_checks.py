"""What must fit together between the files of different rooms."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from cases.demo_persons import DemoPerson
from cases.model import BenefitCatalogue
from cases.payments import RUNS_OUT, PaymentCalendar
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


def tables_to_add(catalogue: BenefitCatalogue, calendar: PaymentCalendar, *, on: date) -> tuple[str, ...]:
    """Say which benefits paid by table soon lack one, in whole sentences: seen from ``on``, or behind the other tables.

    A benefit that no longer exists in the year after its table needs no other.
    """
    newest = max((max(table.days) for table in calendar.tables), default=on)
    wanted = max(on + RUNS_OUT, newest - RUNS_OUT)
    named = ((benefit, calendar.covered_until(benefit, on=on)) for benefit in calendar.benefits())
    return tuple(
        f"config/payment_days.yaml: {benefit}: {_runs_out(until, on)} add its next table (docs/howto/add-a-benefit.md)"
        for benefit, until in named
        if (until is None or until < wanted)
        and _is_there(catalogue, benefit, on=date(until.year + 1, 1, 1) if until else on)
    )


def _is_there(catalogue: BenefitCatalogue, benefit: str, *, on: date) -> bool:
    found = catalogue.find(benefit)
    return found is not None and found.is_valid(on=on)


def _runs_out(until: date | None, on: date) -> str:
    if until is None:
        return f"there is no table for {on.year}, so callers hear that we do not know the day;"
    return f"its last payment day is {until}, and after it callers hear that we do not know the day;"


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
