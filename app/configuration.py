"""Reads the folder that operators edit, once, and hands what it says to the rooms as values. Only this room reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cases.configuration import load_benefits, load_demo_persons, load_payment_days, load_segments
from cases.demo_persons import DemoPerson
from cases.model import BenefitCatalogue, Segment
from cases.payments import PaymentCalendar
from core.errors import ConfigurationError
from dashboard.configuration import DeskChoices, load_desk, load_users
from dashboard.users import User
from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.opening_hours import EntryPoint
from ivr.opening_hours_file import load_opening_hours
from ivr.wording import Wordings
from ivr.wording_file import load_wordings
from skills_routing.configuration import RoutingConfiguration, load_agents, load_routing
from skills_routing.model import Agent


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything that the folder says, checked."""

    catalogue: BenefitCatalogue
    calendar: PaymentCalendar
    routing: RoutingConfiguration
    entry_points: tuple[EntryPoint, ...]
    wordings: Wordings
    flows: FlowBook
    desk: DeskChoices
    agents: tuple[Agent, ...]
    users: tuple[User, ...]
    persons: tuple[DemoPerson, ...]
    segments: tuple[Segment, ...]


def load_configuration(folder: Path) -> Configuration:
    """Read and check the whole folder; raises :class:`ConfigurationError` naming file, field and fault."""
    routing = load_routing(queues=_text(folder / "queues.yaml"), skills=_text(folder / "skills.yaml"))
    catalogue = load_benefits(_text(folder / "benefits.yaml"))
    wordings = load_wordings(
        _texts(folder / "wording"), names={benefit.benefit: benefit.label for benefit in catalogue.benefits}
    )
    benefits = {queue.id: tuple(queue.benefits) for queue in routing.queues.values()}
    _refuse_unknown_benefits(benefits, catalogue)
    return Configuration(
        catalogue=catalogue,
        calendar=load_payment_days(_text(folder / "payment_days.yaml")),
        routing=routing,
        entry_points=load_opening_hours(_text(folder / "opening_hours.yaml")),
        wordings=wordings,
        flows=load_book(_texts(folder / "flows"), wordings=wordings, benefits=benefits),
        desk=load_desk(_text(folder / "desk.yaml")),
        agents=load_agents(_text(folder / "demo" / "agents.yaml"), skills=routing.skills),
        users=load_users(_text(folder / "demo" / "users.yaml")),
        persons=load_demo_persons(_text(folder / "demo" / "persons.yaml")),
        segments=load_segments(_text(folder / "segments.yaml")),
    )


def _refuse_unknown_benefits(queues: Mapping[str, tuple[str, ...]], catalogue: BenefitCatalogue) -> None:
    known = {benefit.benefit for benefit in catalogue.benefits}
    for queue, benefits in queues.items():
        for benefit in benefits:
            if benefit not in known:
                raise ConfigurationError(
                    f"queues.yaml: queue {queue}: benefits: there is no benefit {benefit!r} in benefits.yaml"
                )


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: _text(path) for path in sorted(folder.glob("*.yaml"))}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error}") from error
