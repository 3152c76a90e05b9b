"""What meetings are made of: offices and their rooms, handlers, interpreters, and the types of meeting. Pure.

All of it is data with validity dates: an office more, a centre fewer or another type is an edit of a file (N15).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from core.ids import AgentId
from core.language import Language
from core.phone import PhoneNumber
from meetings.hours import QUARTER, Hours

_One = TypeVar("_One")


class Authority(StrEnum):
    """Who employs a handler, hosts an office, or has services there."""

    FORSAKRINGSKASSAN = "forsakringskassan"
    ARBETSFORMEDLINGEN = "arbetsformedlingen"
    SKATTEVERKET = "skatteverket"
    PENSIONSMYNDIGHETEN = "pensionsmyndigheten"
    STATENS_SERVICECENTER = "statens_servicecenter"
    KOMMUN = "kommun"


class OfficeKind(StrEnum):
    """Our own office, one that several authorities have together, or rooms in another authority's house (R39, R40)."""

    LOCAL = "local"
    SERVICE = "service"
    HOSTED = "hosted"


class Mode(StrEnum):
    """How a meeting is held; meeting in person is valued most (R75e)."""

    PHYSICAL = "physical"
    VIDEO = "video"
    PHONE = "phone"


class Asker(StrEnum):
    """Who may ask for a meeting of a type."""

    CITIZEN = "citizen"
    AGENT = "agent"
    PARTNER = "partner"


PROTECTED_POOL = "skyddad"
"""The pool of handlers who are cleared for persons with a protected identity (I-27)."""

IN_HOUSE_AND_ROOM = frozenset({"step_free"})
"""What is of no use in the room when the house has it not; everything else either of them may have."""


@dataclass(frozen=True, kw_only=True)
class Valid:
    """Something that there is from a day on, and until the day before another."""

    valid_from: date | None = None
    valid_until: date | None = None

    def is_valid(self, *, on: date) -> bool:
        """Tell whether it is there on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


@dataclass(frozen=True, kw_only=True)
class Partner:
    """With whom we work in an area: a municipality's desk, an office of the employment service (R41)."""

    name: str
    authority: Authority


@dataclass(frozen=True, kw_only=True)
class Area(Valid):
    """A part of the country, the centre that has its matters, and whom we work with there."""

    area: str
    name: str
    centre: str
    partners: tuple[Partner, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Centre(Valid):
    """A local (``lfc``) or national (``nfc``) insurance centre."""

    centre: str
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Office(Valid):
    """A place where citizens are met. ``services`` says which meetings each authority has there; ``None``: all (R40)."""

    office: str
    name: str
    kind: OfficeKind
    host: Authority
    area: str
    address: str
    postcodes: tuple[str, ...]
    hours: Hours
    features: frozenset[str]
    services: Mapping[Authority, frozenset[str] | None]

    def offers(self, kind: "MeetingType") -> bool:
        """Tell whether every authority that takes part in such a meeting has it here."""
        return all(self._has(seat.authority, kind.type) for seat in kind.staff)

    def _has(self, authority: Authority, meeting_type: str) -> bool:
        if authority not in self.services:
            return False
        named = self.services[authority]
        return named is None or meeting_type in named


@dataclass(frozen=True, kw_only=True)
class Room(Valid):
    """A room of an office, for so many persons."""

    room: str
    office: str
    seats: int
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Handler(Valid):
    """Somebody who meets citizens, with the direct number that stands in the kallelse (R63, N6).

    ``pools`` are the kinds of special meetings that they hold (R75); ``away`` are half-open periods.
    """

    handler: AgentId
    name: str
    authority: Authority
    offices: tuple[str, ...]
    pools: frozenset[str]
    languages: frozenset[str]
    number: PhoneNumber
    hours: Hours
    away: tuple[tuple[date, date], ...] = ()
    agent: AgentId
    """As whom they answer calls: whoever rings the direct number is offered to this agent first (R48)."""
    deputy: AgentId | None = None
    """Another handler, who is asked next; then whoever serves the ``queue``."""
    queue: str = "allmant"

    @property
    def is_ours(self) -> bool:
        """Whether we employ them, so that their number comes in to us."""
        return self.authority is Authority.FORSAKRINGSKASSAN


@dataclass(frozen=True, kw_only=True)
class Interpreter(Valid):
    """Somebody who interprets, in some modes; in person at some offices, at all when none is named."""

    interpreter: str
    languages: frozenset[str]
    modes: frozenset[Mode]
    hours: Hours
    offices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seat:
    """A handler whom a meeting needs: of which authority, and of which pool (any when empty)."""

    authority: Authority
    pool: str = ""


@dataclass(frozen=True, kw_only=True)
class MeetingType(Valid):
    """A kind of meeting with its rules (R42, R62, R73–R75e). Modes come in the order in which they are offered."""

    type: str
    label: Mapping[Language, str]
    modes: tuple[Mode, ...]
    length: timedelta
    gap: timedelta
    staff: tuple[Seat, ...]
    others: tuple[str, ...] = ()
    any_matter: bool = False
    asked_by: frozenset[Asker] = frozenset(Asker)
    needs: frozenset[str] = frozenset()
    decisions: bool = True
    enrolment: bool = False
    separately: str = ""
    replaced_by: str = ""

    @property
    def quarters(self) -> int:
        """How many quarters of an hour its parts are taken for, the gap after it included."""
        return -(-(self.length + self.gap) // QUARTER)

    @property
    def persons(self) -> int:
        """How many persons are in the room, an interpreter not counted."""
        return 1 + len(self.staff) + len(self.others)


@dataclass(frozen=True, kw_only=True)
class Register:
    """Everything that meetings are made of."""

    offices: Mapping[str, Office]
    areas: Mapping[str, Area]
    centres: Mapping[str, Centre]
    handlers: Mapping[AgentId, Handler]
    rooms: Mapping[str, Room]
    interpreters: Mapping[str, Interpreter]
    types: Mapping[str, MeetingType] = field(default_factory=dict)

    @cached_property
    def handlers_at(self) -> Mapping[str, tuple[Handler, ...]]:
        """The handlers of each office."""
        return _by_office((office, one) for one in self.handlers.values() for office in one.offices)

    @cached_property
    def by_number(self) -> Mapping[PhoneNumber, Handler]:
        """Our handlers by their direct numbers."""
        return {one.number: one for one in self.handlers.values() if one.is_ours}

    def who_answers(self, numbers: Iterable[PhoneNumber]) -> Sequence[AgentId]:
        """Return who is to answer one of these numbers, as agents: the handler, then the deputy; nobody for other numbers."""
        handler = next((self.by_number[one] for one in numbers if one in self.by_number), None)
        if handler is None:
            return ()
        deputy = self.handlers.get(handler.deputy) if handler.deputy else None
        return tuple(dict.fromkeys((handler.agent, *([deputy.agent] if deputy else []))))

    @cached_property
    def rooms_at(self) -> Mapping[str, tuple[Room, ...]]:
        """The rooms of each office."""
        return _by_office((one.office, one) for one in self.rooms.values())

    def nearest(self, postcode: str, *, on: date) -> Sequence[Office]:
        """Return the offices of a day, those first that serve the longest beginning of a postcode; five digits."""
        digits = "".join(filter(str.isdigit, postcode))

        def served(office: Office) -> int:
            return max((len(one) for one in office.postcodes if digits.startswith(one)), default=0)

        there = [one for one in self.offices.values() if one.is_valid(on=on)]
        return sorted(there, key=lambda one: (-served(one), one.office))

    def partners_of(self, office: str) -> Sequence[Partner]:
        """Return whom we work with in the area of an office (R41)."""
        return self.areas[self.offices[office].area].partners


def _by_office(pairs: Iterable[tuple[str, _One]]) -> Mapping[str, tuple[_One, ...]]:
    found: dict[str, tuple[_One, ...]] = {}
    for office, one in pairs:
        found[office] = (*found.get(office, ()), one)
    return found
