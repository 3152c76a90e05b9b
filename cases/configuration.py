"""The files of this room: benefits, payment days, segments, demo persons. Errors name file and field in plain words."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.demo_persons import DemoMatter, DemoPayment, DemoPerson
from cases.model import Benefit, BenefitCatalogue, CaseState, HowToApply, Owner, Segment
from cases.payments import PaymentCalendar, PaymentTable
from core.errors import ConfigurationError
from core.ids import Subject
from core.language import Language
from storage.edited_file import Faults, read_edited

_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
_Label = Annotated[dict[Language, str], Field(min_length=len(Language))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _BenefitRow(_Strict):
    benefit: _Id
    label: _Label
    owner: Owner
    how_to_apply: HowToApply = HowToApply.APPLY
    common: bool = False
    sensitive: bool = False
    low_volume: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class _BenefitsFile(_Strict):
    benefits: list[_BenefitRow] = Field(min_length=1)


class _DaysRow(_Strict):
    benefits: tuple[_Id, ...] = Field(min_length=1)
    source: str = Field(min_length=10)
    days: tuple[date, ...] = Field(min_length=1)


class _TableRow(_DaysRow):
    year: int = Field(ge=2000, le=2100)
    born: tuple[int, int] = (1, 31)

    @model_validator(mode="after")
    def _is_whole(self) -> "_TableRow":
        if list(self.days) != sorted(set(self.days)) or any(day.year != self.year for day in self.days):
            raise ValueError("the days must be of that year, in order, each once")
        if len(self.days) != 12 or {day.month for day in self.days} != set(range(1, 13)):
            raise ValueError("there must be one day in each of the twelve months")
        if not 1 <= self.born[0] <= self.born[1] <= 31:
            raise ValueError("born must be the first and the last day of a month, such as [1, 10]")
        return self


class _PaymentDaysFile(_Strict):
    published_examples: list[_DaysRow] = Field(default_factory=list)
    tables: list[_TableRow]


class _SegmentRow(_Strict):
    segment: _Id
    label: _Label
    placeholder: bool = False
    primary_channel: str = Field(pattern="^(voice|sms|meeting|e-mail)$")
    other_channels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class _SegmentsFile(_Strict):
    segments: list[_SegmentRow] = Field(min_length=1)


class _PaymentRow(_Strict):
    benefit: _Id
    in_days: int | None = Field(None, ge=0)
    amount_kronor: int | None = Field(None, ge=0)
    amount_allowed: bool = False


class _MatterRow(_Strict):
    benefit: _Id
    state: CaseState
    expected_in_days: int | None = None
    decided_days_ago: int | None = Field(None, ge=0)
    missing: tuple[str, ...] = ()


class _PersonRow(_Strict):
    subject: str = Field(pattern=r"^[a-z0-9_-]{3,60}$")
    personnummer: str = Field(pattern=r"^[0-9]{12}$")
    code: str = Field(pattern=r"^[0-9]{6}$")
    name: str = Field(min_length=1, max_length=80)
    about: str = Field(min_length=1, max_length=200)
    language: Language = Language.SWEDISH
    protected: bool = False
    payments: tuple[_PaymentRow, ...] = ()
    matters: tuple[_MatterRow, ...] = ()


class _PersonsFile(_Strict):
    persons: list[_PersonRow]


def load_benefits(text: str, *, file: str = "config/benefits.yaml") -> BenefitCatalogue:
    """Read the catalogue of benefits; raises :class:`ConfigurationError`."""
    rows = read_edited(_BenefitsFile, text, file=file).benefits
    _refuse_twice([row.benefit for row in rows], file, "benefit")
    return BenefitCatalogue(tuple(Benefit(**row.model_dump()) for row in rows))


def load_payment_days(text: str, *, file: str = "config/payment_days.yaml") -> PaymentCalendar:
    """Read the payment tables; raises :class:`ConfigurationError`, also when birth days have two tables or none."""
    rows = read_edited(_PaymentDaysFile, text, file=file).tables
    groups: dict[str, list[int]] = {}
    for row in rows:
        for benefit in row.benefits:
            groups.setdefault(f"{benefit} {row.year}", []).extend(range(row.born[0], row.born[1] + 1))
    faults = Faults()
    for name, born in groups.items():
        if sorted(born) != list(range(1, 32)):
            faults.add(file, f"table {name}", "each birth day 1–31 must be in exactly one table")
    faults.refuse()
    return PaymentCalendar(
        PaymentTable(**row.model_dump(exclude={"born"}), born_from=row.born[0], born_to=row.born[1]) for row in rows
    )


def load_published_examples(
    text: str, *, file: str = "config/payment_days.yaml"
) -> tuple[tuple[tuple[str, ...], tuple[date, ...]], ...]:
    """Read payment days that were published in earlier years: benefits and days. No answer is given from them."""
    rows = read_edited(_PaymentDaysFile, text, file=file).published_examples
    return tuple((row.benefits, row.days) for row in rows)


def load_segments(text: str, *, file: str = "config/segments.yaml") -> tuple[Segment, ...]:
    """Read the customer segments; raises :class:`ConfigurationError`."""
    rows = read_edited(_SegmentsFile, text, file=file).segments
    _refuse_twice([row.segment for row in rows], file, "segment")
    return tuple(Segment(**row.model_dump()) for row in rows)


def load_demo_persons(text: str, *, file: str = "config/demo/persons.yaml") -> tuple[DemoPerson, ...]:
    """Read the persons of the embedded register; raises :class:`ConfigurationError`."""
    rows = read_edited(_PersonsFile, text, file=file).persons
    _refuse_twice([row.subject for row in rows], file, "person")
    return tuple(
        DemoPerson(
            **row.model_dump(exclude={"subject", "payments", "matters"}),
            subject=Subject(row.subject),
            payments=tuple(DemoPayment(**payment.model_dump()) for payment in row.payments),
            matters=tuple(DemoMatter(**matter.model_dump()) for matter in row.matters),
        )
        for row in rows
    )


def _refuse_twice(names: list[str], file: str, field: str) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ConfigurationError(faults=[f"{file}: {field} {name}: {name} is there twice" for name in sorted(twice)])
