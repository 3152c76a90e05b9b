"""What the IVR needs of whoever books meetings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber
from ivr.model import Time


class How(StrEnum):
    """How we meet."""

    PHYSICAL = "physical"
    PHONE = "phone"
    VIDEO = "video"


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A meeting as a caller may hear of it. ``place`` is an address as it is said, ``minutes`` how long it takes.

    ``direct`` is the number of whom they meet. Of somebody with protected identity no place is said, whatever it is.
    """

    meeting: str
    time: Time
    how: How
    minutes: int
    place: str = field(default="", repr=False)
    direct: PhoneNumber | None = None
    is_protected: bool = False


@dataclass(frozen=True, kw_only=True)
class Offered:
    """Times that can be chosen, the soonest first, how one meets at all of them, and where."""

    times: Sequence[Time]
    how: How = How.PHYSICAL
    place: str = field(default="", repr=False)
    is_protected: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a letter of a meeting says besides when and where; ``whom`` is a first name, ``purpose`` one or more sentences."""

    purpose: str
    whom: str = ""
    questions: Sequence[str] = ()
    bring: str = ""


class BookedMeetings(Protocol):
    """Meetings of whoever a contact is; it has to have shown who that is in this very call (I-21).

    Every method may raise ``UnavailableError``. A meeting that is nobody's, or somebody else's, is one that there is not.
    """

    async def coming(self, contact: ContactId) -> Sequence[Booked]:
        """Return the meetings that are booked and not over, the soonest first."""
        ...

    async def nearest(self, postcode: str) -> str | None:
        """Return the office that is nearest to a postcode; ``None`` when there is none."""
        ...

    async def times(self, contact: ContactId, *, office: str, language: Language, meeting: str = "") -> Offered | None:
        """Return times at an office, or for a booked ``meeting`` to move to; ``None`` when there is no such meeting.

        A time that is held for the caller, and was not confirmed, is let go of.
        """
        ...

    async def hold(self, contact: ContactId, *, office: str, language: Language, starts_at: datetime) -> Booked | None:
        """Keep a time for five minutes; asked twice it is kept once. ``None`` when somebody else was quicker."""
        ...

    async def confirm(self, contact: ContactId, meeting: str) -> Booked | None:
        """Book what is kept; ``None`` when it is kept no more."""
        ...

    async def move(self, contact: ContactId, meeting: str, *, starts_at: datetime) -> Booked | None:
        """Give a meeting another time; ``None`` when somebody else was quicker.

        Raises ``ConflictError`` or ``NotFoundError`` when there is no such meeting any more.
        """
        ...

    async def cancel(self, contact: ContactId, meeting: str) -> bool:
        """Let go of a meeting; ``False`` when there is no such meeting any more."""
        ...

    async def ask_afterwards(self, contact: ContactId, meeting: str) -> bool:
        """Keep that the caller may be asked some days after a meeting how it was; ``False`` when there is no such meeting."""
        ...

    async def letter(self, contact: ContactId, meeting: str, language: Language) -> Letter | None:
        """Return the letter of a meeting; ``None`` while there is none. That it is heard is put into the trail of audit."""
        ...
