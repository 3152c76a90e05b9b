"""The answers of the agency's case systems, as the contract in ``cases/README.md`` says; all else is refused."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cases.model import CaseState
from core.language import Language


def _is_plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters")
    return text


_Plain = Annotated[str, Field(max_length=120), AfterValidator(_is_plain)]
_SubjectKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,119}$")]
_BenefitId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
_Kronor = Annotated[int, Field(ge=0, le=10_000_000)]


class _Answer(BaseModel):
    # Fields that are new to us are ignored: the agency may add to its answers without telling us first.
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Event(_Answer):
    id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]

    model_config = ConfigDict(extra="allow", frozen=True)


class EventsAnswer(_Answer):
    """A page of the list of events; what each tells is read by itself."""

    events: Annotated[tuple[_Event, ...], Field(max_length=1_000)]
    next: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,200}$")]


class Located(_Answer):
    """Who has a personnummer: the number again, and the key."""

    personnummer: str = Field(repr=False)
    subject: _SubjectKey


class PersonAnswer(_Answer):
    """Who somebody is."""

    subject: _SubjectKey
    name: _Plain
    born_day: int = Field(ge=1, le=31)
    language: Language = Language.SWEDISH
    protected: bool


class PaymentRow(_Answer):
    """A planned payment."""

    benefit: _BenefitId
    on: date | None = None
    amount_kronor: _Kronor | None = None
    amount_allowed: bool = False


class PaymentsAnswer(_Answer):
    """What is to be paid to somebody."""

    subject: _SubjectKey
    payments: tuple[PaymentRow, ...] = Field(max_length=200)


class MatterRow(_Answer):
    """A matter."""

    benefit: _BenefitId
    state: CaseState
    decision_expected_on: date | None = None
    decided_on: date | None = None
    missing: tuple[_Plain, ...] = Field((), max_length=20)


class MattersAnswer(_Answer):
    """Somebody's matters."""

    subject: _SubjectKey
    matters: tuple[MatterRow, ...] = Field(max_length=200)
