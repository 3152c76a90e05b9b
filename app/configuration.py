"""Reads the folder that operators edit, and hands what it says to the rooms as values. Only this room reads it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from app.configuration_checks import check_benefits, check_direct, check_users, check_wants
from callbacks.configuration import load_callbacks
from callbacks.configuration import schema as callbacks_schema
from callbacks.model import Policy as CallbackPolicy
from callbacks.slots import shortfalls
from cases.configuration import load_benefits, load_demo_persons, load_payment_days, load_segments
from cases.demo_persons import DemoPerson
from cases.model import BenefitCatalogue, Segment
from cases.payments import PaymentCalendar
from core.phone import PhoneNumber
from dashboard.configuration import DeskChoices, load_desk, load_users
from dashboard.users import Role, User
from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.flow_file import schema as flow_schema
from ivr.opening_hours import EntryPoint
from ivr.opening_hours_file import load_opening_hours
from ivr.wording import Wordings
from ivr.wording_file import load_wordings
from meetings.configuration import load_register
from meetings.policy import Policy as MeetingPolicy
from meetings.policy import load_policy, policy_schema
from meetings.register import Register
from meetings.shapes import offices_schema, types_schema
from skills_routing.configuration import RoutingConfiguration, load_agents, load_routing
from skills_routing.model import Agent
from sms.wording import Texts as SmsTexts
from sms.wording import load_texts
from storage.edited_file import Faults

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "flow": flow_schema,
    "callbacks": callbacks_schema,
    "offices": offices_schema,
    "meeting_types": types_schema,
    "meetings": policy_schema,
}
"""Kinds of files for which editors have a JSON Schema."""

PERSONS = "demo/persons.yaml"
DIRECT = "direct"
"""The flow of handlers' direct numbers."""
_Part = TypeVar("_Part")
SINGLE_FILES = (
    "queues.yaml", "skills.yaml", "callbacks.yaml", "benefits.yaml", "payment_days.yaml", "opening_hours.yaml", "desk.yaml",
    "segments.yaml", "sms.yaml", "offices.yaml", "meeting_types.yaml", "meetings.yaml", "demo/agents.yaml", "demo/users.yaml", PERSONS,
)  # fmt: skip
FOLDERS = ("wording", "flows")

Texts = Mapping[str, str | None]
"""What is written in each file, by its path inside the folder; ``None`` for one that cannot be read as text."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything that the folder says, checked. ``version`` changes when any word in it does.

    ``is_fallback`` tells that the folder cannot be used, and that this is what was in use before.
    """

    catalogue: BenefitCatalogue
    calendar: PaymentCalendar
    routing: RoutingConfiguration
    callbacks: CallbackPolicy
    entry_points: tuple[EntryPoint, ...]
    wordings: Wordings
    flows: FlowBook
    desk: DeskChoices
    agents: tuple[Agent, ...]
    users: tuple[User, ...]
    persons: tuple[DemoPerson, ...]
    segments: tuple[Segment, ...]
    sms: SmsTexts
    meetings: Register
    meeting_policy: MeetingPolicy
    version: str = ""
    is_fallback: bool = False


def load_configuration(folder: Path) -> Configuration:
    """Read and check the whole folder; raises :class:`ConfigurationError` with every fault in every file."""
    return configured(read_texts(folder))


def read_texts(folder: Path) -> Texts:
    """Return what is written in the files of the folder that are there."""
    many = [path for name in FOLDERS for path in sorted((folder / name).glob("*.yaml"))]
    paths = [*(folder / name for name in SINGLE_FILES), *many]
    return {path.relative_to(folder).as_posix(): _text(path) for path in paths if path.exists()}


def version_of(texts: Texts) -> str:
    """Return a short name for exactly these texts, the same in every process that has read them."""
    return hashlib.sha256(repr(sorted(texts.items(), key=str)).encode()).hexdigest()[:12]


def configured(texts: Texts) -> Configuration:
    """Check these texts and return what they say; raises :class:`ConfigurationError` with every fault in every file."""
    faults = Faults()
    read = _Reading(texts, faults)
    catalogue = read.one("benefits.yaml", load_benefits)
    routing = read.routing(catalogue)
    names = {benefit.benefit: benefit.label for benefit in catalogue.benefits} if catalogue else {}
    of_queues = {queue.id: tuple(queue.benefits) for queue in routing.queues.values()} if routing else {}
    wordings = read.folder("wording", lambda files: load_wordings(files, names=names))
    known = wordings or Wordings({})
    flows = read.folder("flows", lambda files: load_book(files, wordings=known, benefits=of_queues))
    calendar = read.one("payment_days.yaml", load_payment_days)
    entry_points = read.one("opening_hours.yaml", load_opening_hours)
    callbacks = read.one(
        "callbacks.yaml", lambda text: load_callbacks(text, queues=routing.queues if routing else None)
    )
    desk = read.one("desk.yaml", load_desk)
    segments = read.one("segments.yaml", load_segments)
    sms = read.one("sms.yaml", load_texts)
    meetings, meeting_policy = read.meetings()
    agents = read.one("demo/agents.yaml", lambda text: load_agents(text, skills=routing.skills if routing else None))
    users = read.one("demo/users.yaml", load_users)
    persons = read.one(PERSONS, load_demo_persons)
    if catalogue:
        check_benefits(faults, catalogue, calendar=calendar, persons=persons)
    if routing:
        check_wants(faults, entry_points or (), flows, routing.skills)
        check_direct(faults, meetings, entry_points or (), routing.queues)
    _check_agents(faults, users, agents)
    faults.refuse()
    return Configuration(
        catalogue=_there(catalogue),
        calendar=_there(calendar),
        routing=_there(routing),
        callbacks=_there(callbacks),
        entry_points=with_direct(_there(entry_points), _there(meetings)),
        wordings=_there(wordings),
        flows=_there(flows),
        desk=_there(desk),
        agents=_there(agents),
        users=_there(users),
        persons=_there(persons),
        segments=_there(segments),
        sms=_there(sms),
        meetings=_there(meetings),
        meeting_policy=_there(meeting_policy),
        version=version_of(texts),
    )


def times_lacking(configuration: Configuration, *, now: datetime) -> tuple[str, ...]:
    """Say in which queues callers can choose no time to be rung at, or too much is promised: file, place and why."""
    found = shortfalls(configuration.callbacks, configuration.routing.queues, now=now)
    return tuple(f"{in_words('callbacks.yaml')}: {place}: {why} (docs/howto/callbacks.md)" for place, why in found)


def with_direct(entry_points: tuple[EntryPoint, ...], register: Register) -> tuple[EntryPoint, ...]:
    """Return our numbers with the direct numbers of handlers of ours among them: whoever rings one comes in to us (N6)."""
    numbers: dict[str, list[PhoneNumber]] = {}
    for number, handler in register.by_number.items():
        numbers.setdefault(handler.queue, []).append(number)
    direct = (
        EntryPoint(id=f"{DIRECT}-{queue}", numbers=tuple(of), hours=entry_points[0].hours, flow=DIRECT, queue=queue)
        for queue, of in sorted(numbers.items())
    )
    return (*entry_points, *direct)


def _check_agents(faults: Faults, users: tuple[User, ...] | None, agents: tuple[Agent, ...] | None) -> None:
    if users is not None and agents is not None:
        check_users(faults, [user.id for user in users if Role.AGENT in user.roles], agents)


class _Reading:
    """Reads one part after the other, and notes what is wrong in each."""

    def __init__(self, texts: Texts, faults: Faults) -> None:
        self._texts = texts
        self._faults = faults

    def one(self, name: str, load: Callable[[str], _Part]) -> _Part | None:
        text = self._text(name)
        return None if text is None else self._faults.attempt(lambda: load(text))

    def routing(self, catalogue: BenefitCatalogue | None) -> RoutingConfiguration | None:
        queues, skills = self._text("queues.yaml"), self._text("skills.yaml")
        if queues is None or skills is None:
            return None
        known = {benefit.benefit for benefit in catalogue.benefits} if catalogue else None
        return self._faults.attempt(lambda: load_routing(queues=queues, skills=skills, benefits=known))

    def meetings(self) -> tuple[Register | None, MeetingPolicy | None]:
        offices, types = self._text("offices.yaml"), self._text("meeting_types.yaml")
        policy = self._text("meetings.yaml")
        if offices is None or types is None:
            return None, None
        register = self._faults.attempt(lambda: load_register(offices=offices, types=types))
        if register is None or policy is None:
            return register, None
        return register, self._faults.attempt(lambda: load_policy(policy, types=register.types))

    def folder(self, name: str, load: Callable[[Mapping[str, str]], _Part]) -> _Part | None:
        names = sorted(one for one in self._texts if one.startswith(f"{name}/"))
        files = {in_words(one): text for one in names if (text := self._text(one)) is not None}
        return self._faults.attempt(lambda: load(files)) if len(files) == len(names) else None

    def _text(self, name: str) -> str | None:
        text = self._texts.get(name)
        if text is None:
            there = name in self._texts
            self._faults.add(in_words(name), "this cannot be read as UTF-8 text" if there else "there is no such file")
        return text


def in_words(name: str) -> str:
    """Return how a file of the folder is called in what people read."""
    return f"config/{name}"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _there(part: _Part | None) -> _Part:
    assert part is not None, "a part without a fault has been read"  # noqa: S101 - what was not read has been refused
    return part
