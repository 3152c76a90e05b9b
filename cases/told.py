"""What the agency's systems tell of what has happened, whether they post it or we ask for it; all else is refused."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.events import CaseEventKind

ABOUT_MONEY = (CaseEventKind.PAYMENT_SET, CaseEventKind.PAYMENT_CHANGED)
HAS_A_DAY = (*ABOUT_MONEY, CaseEventKind.SICK_SINCE)
YEARS = range(1990, 2200)
"""In which a sick leave may begin: a day that no calendar counts on from is a mistake."""


class About(BaseModel):
    """Whom and what an event is about."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,119}$", repr=False)]
    benefit: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    on: date | None = None
    handler: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,60}$")] = ""


class Told(BaseModel):
    """One event; ``on`` is the day that money comes, or the first day of a sick leave, where it is about that."""

    # New fields are ignored: the agency may add to its events without telling us first.
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: CaseEventKind
    data: About

    @model_validator(mode="after")
    def _has_its_day(self) -> Self:
        if self.type in HAS_A_DAY and self.data.on is None:
            raise ValueError("money comes on a day, and a sick leave begins on one")
        if self.type is CaseEventKind.SICK_SINCE and self.data.on is not None and self.data.on.year not in YEARS:
            raise ValueError("no sick leave begins in this year")
        return self

    @property
    def day(self) -> date | None:
        """The day that money comes or a sick leave begins, if it is about that."""
        return self.data.on if self.type in HAS_A_DAY else None
