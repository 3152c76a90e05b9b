"""What the agency's systems tell of what has happened, whether they post it or we ask for it; all else is refused."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.events import CaseEventKind

ABOUT_MONEY = (CaseEventKind.PAYMENT_SET, CaseEventKind.PAYMENT_CHANGED)


class About(BaseModel):
    """Whom and what an event is about."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,119}$", repr=False)]
    benefit: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    on: date | None = None


class Told(BaseModel):
    """One event; ``on`` is the day that money comes, where it is about money."""

    # New fields are ignored: the agency may add to its events without telling us first.
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: CaseEventKind
    data: About

    @model_validator(mode="after")
    def _has_its_day(self) -> Self:
        if self.type in ABOUT_MONEY and self.data.on is None:
            raise ValueError("money comes on a day")
        return self

    @property
    def day(self) -> date | None:
        """The day that money comes, if it is about money."""
        return self.data.on if self.type in ABOUT_MONEY else None
