"""What the desk needs of whoever books meetings: ports, so that the desk stands without that room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.ids import AgentId, ContactId, PersonId
from core.language import Language
from core.phone import PhoneNumber

if TYPE_CHECKING:
    from storage.database import Transaction

HELD, BOOKED = "held", "booked"
"""The states of a meeting that the desk looks at."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an agent asks for, for a citizen. ``office`` or ``postcode`` says where; ``given`` what the type needs and has."""

    type: str
    matter: str = ""
    person: PersonId | None = None
    contact: ContactId | None = None
    language: str = "sv"
    needs: frozenset[str] = frozenset()
    mode: str = ""
    office: str = ""
    postcode: str = ""
    handler: AgentId | None = None
    given: frozenset[str] = frozenset()
    about_decision: bool = False
    is_protected: bool = False


@dataclass(frozen=True, kw_only=True)
class At:
    """The time, place and mode that an agent chose."""

    starts_at: datetime
    office: str
    mode: str


class Free(Protocol):
    """A time that can be booked."""

    @property
    def starts_at(self) -> datetime: ...  # noqa: D102
    @property
    def ends_at(self) -> datetime: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def mode(self) -> str: ...  # noqa: D102


class Parts(Protocol):
    """Who and what a meeting takes."""

    @property
    def staff(self) -> Sequence[AgentId]: ...  # noqa: D102
    @property
    def room(self) -> str | None: ...  # noqa: D102
    @property
    def interpreter(self) -> str | None: ...  # noqa: D102


class Meeting(Protocol):
    """A meeting, as the desk shows it."""

    @property
    def meeting(self) -> str: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def mode(self) -> str: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def parts(self) -> Parts: ...  # noqa: D102
    @property
    def starts_at(self) -> datetime: ...  # noqa: D102
    @property
    def ends_at(self) -> datetime: ...  # noqa: D102
    @property
    def matter(self) -> str: ...  # noqa: D102
    @property
    def person(self) -> PersonId | None: ...  # noqa: D102
    @property
    def contact(self) -> ContactId | None: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def needs(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def is_protected(self) -> bool: ...  # noqa: D102
    @property
    def held_until(self) -> datetime | None: ...  # noqa: D102
    @property
    def by(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


class About(Protocol):
    """What the register says about a meeting: its type, its place, who holds it, and their direct number."""

    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def room(self) -> str: ...  # noqa: D102
    @property
    def staff(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def number(self) -> PhoneNumber | None: ...  # noqa: D102
    @property
    def others(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def separately(self) -> str: ...  # noqa: D102


class Kind(Protocol):
    """A type of meeting that an agent may ask for."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> Mapping[Language, str]: ...  # noqa: D102
    @property
    def modes(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def needs(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def decisions(self) -> bool: ...  # noqa: D102


class Office(Protocol):
    """Where citizens are met."""

    @property
    def office(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


class Meetings(Protocol):
    """Booked meetings. Each method is as that of the same name of the room that keeps them."""

    def kinds(self) -> Sequence[Kind]:
        """Return the types of meeting that an agent may ask for today."""
        ...

    def offices(self) -> Sequence[Office]:
        """Return the offices that there are today."""
        ...

    def languages(self) -> Sequence[str]:
        """Return the languages in which we can meet somebody."""
        ...

    def needs(self) -> Sequence[str]:
        """Return what may be asked of a house or a room."""
        ...

    def about(self, row: Meeting) -> About:
        """Return what the register says about a meeting."""
        ...

    async def times(self, asked: Asked, *, most: int) -> Sequence[Free]:
        """Return the next free times."""
        ...

    async def invite(self, asked: Asked, *, by: str, key: str) -> tuple[str, datetime]:
        """Return the link by which a citizen books for themselves, and until when it works."""
        ...

    async def hold(self, asked: Asked, at: At, *, by: str, key: str) -> Meeting:
        """Hold a time for five minutes."""
        ...

    async def confirm(self, meeting: str) -> Meeting:
        """Book what is held."""
        ...

    async def times_to_move(self, meeting: str, *, most: int) -> Sequence[Free]:
        """Return the next times to which a booked meeting can be moved."""
        ...

    async def move(self, meeting: str, at: At, *, by: str, expected: int) -> Meeting:
        """Give a meeting another time."""
        ...

    async def cancel(self, meeting: str, *, by: str, expected: int | None = None) -> Meeting:
        """Note that a meeting, or a time that is held, is not wanted."""
        ...

    async def missed(self, meeting: str) -> Meeting:
        """Note that the citizen did not come."""
        ...

    async def times_separately(self, meeting: str) -> Sequence[Free]:
        """Return the next times of the separate meeting in which a decision is discussed."""
        ...

    async def book_separately(self, meeting: str, at: At, *, by: str, key: str) -> Meeting:
        """Book the separate meeting in which a decision is discussed."""
        ...

    async def get(self, tx: "Transaction", meeting: str) -> Meeting:
        """Return a meeting."""
        ...

    async def of_handler(self, tx: "Transaction", handler: AgentId) -> Sequence[Meeting]:
        """Return whom somebody meets in the days ahead, and what is not closed."""
        ...

    async def of_citizen(self, tx: "Transaction", *, contact: ContactId, person: PersonId | None) -> Sequence[Meeting]:
        """Return the meetings ahead of whom a contact is with."""
        ...


class Document(Protocol):
    """What was written down at the end of a meeting, in one of its editions."""

    @property
    def edition(self) -> int: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def agreed(self) -> str: ...  # noqa: D102
    @property
    def next_step(self) -> str: ...  # noqa: D102
    @property
    def how(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def made_at(self) -> datetime: ...  # noqa: D102
    @property
    def made_by(self) -> AgentId: ...  # noqa: D102
    @property
    def handed_over_at(self) -> datetime | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Written:
    """What an agent wrote at the end of a meeting, and how it was handed over: ``print``, ``digital`` or ``none``."""

    text: str
    agreed: str
    next_step: str
    how: str
    reason: str = ""


class Documents(Protocol):
    """What is written down at the end of meetings."""

    async def close(self, meeting: str, written: Written, *, by: AgentId, expected: int | None = None) -> Meeting:
        """Close a meeting with its documentation, or a reason for having none."""
        ...

    async def correct(self, meeting: str, written: Written, *, by: AgentId) -> Document:
        """Add an edition of what was written down; those before it stay."""
        ...

    def draft(self, kind: str) -> str:
        """Return what to write about, from the agenda of a type."""
        ...

    async def of(self, tx: "Transaction", meeting: str) -> Document | None:
        """Return the newest edition of what was written down."""
        ...
