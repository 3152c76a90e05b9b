"""What must fit together between the files of different rooms."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from cases.demo_persons import DemoPerson
from cases.model import BenefitCatalogue
from cases.payments import RUNS_OUT, PaymentCalendar
from core.ids import AgentId
from ivr.flow import FlowBook, Human, Menu, Times, Want
from ivr.opening_hours import EntryPoint
from skills_routing.configuration import SkillRow
from skills_routing.model import Agent
from skills_routing.rules.queues import NEVER_DROPPED, SkillKind
from storage.edited_file import Faults

if TYPE_CHECKING:
    from meetings.register import Register

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


def check_wants(
    faults: Faults, entry_points: Iterable[EntryPoint], flows: FlowBook | None, skills: Mapping[str, SkillRow]
) -> None:
    """Note each skill that an entry point or a flow asks for and that cannot be asked for so."""
    named = [("config/opening_hours.yaml", f"entry point {point.id}", point.wants) for point in entry_points]
    for name, node in flows.nodes() if flows else ():
        file = flows.flow_of(name).file if flows else ""
        if isinstance(node, Human):
            named.append((file, name, node.wants))
        elif isinstance(node, Menu | Times):
            named += [(file, f"{name}: choice {choice.key}", choice.wants) for choice in node.choices]
    for file, place, wants in named:
        for want in wants:
            field = "preferred" if want.preferred else "needs"
            fault = _fault_of(want, skills)
            if fault:
                faults.add(file, place, field, fault)


def _fault_of(want: Want, skills: Mapping[str, SkillRow]) -> str:
    row = skills.get(want.skill)
    if row is None:
        return f"there is no skill {want.skill!r} in config/skills.yaml"
    if row.kind is SkillKind.LANGUAGE:
        return f"{want.skill} is a language: that of the caller is asked for by itself"
    if want.preferred and row.kind in NEVER_DROPPED:
        return f"{want.skill} is of kind {row.kind}: need it, or do not ask for it"
    return ""


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


def check_direct(
    faults: Faults, register: "Register | None", entry_points: Iterable[EntryPoint], queues: Collection[str]
) -> None:
    """Note each direct number that would not reach its handler: it is another number of ours, or waits in no queue."""
    ours = {number for point in entry_points for number in point.numbers}
    for number, handler in register.by_number.items() if register else ():
        place = f"handler {handler.handler}"
        if number in ours:
            faults.add("config/offices.yaml", place, "number", "config/opening_hours.yaml has this number, too")
        if handler.queue not in queues:
            faults.add(
                "config/offices.yaml", place, "queue", f"there is no queue {handler.queue!r} in config/queues.yaml"
            )
