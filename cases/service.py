"""Answers what a citizen asks of their own matters. What cannot be seen just now is an answer too, not an error."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import date
from typing import TypeVar

import structlog

from cases.errors import CasesUnavailableError, WrongAnswerError
from cases.model import (
    BenefitCatalogue,
    CalendarAnswer,
    CannotSee,
    CaseState,
    CaseStatus,
    NextPayment,
    NoPayment,
    Payment,
    PersonCard,
    Unseen,
)
from cases.payments import PaymentCalendar
from cases.ports import CaseRegister
from core.clock import STOCKHOLM, Clock
from core.ids import Subject

log = structlog.get_logger()

WAIT_SECONDS = 2.5
"""What a caller waits at most, however many questions it takes. Longer than one question may take, so that the
register still learns that its system did not answer."""

_T = TypeVar("_T")


class Cases:
    """Dates, amounts and status, for whoever has been identified at the level that the question needs."""

    def __init__(
        self, *, register: CaseRegister, calendar: PaymentCalendar, catalogue: BenefitCatalogue, clock: Clock
    ) -> None:
        self.catalogue = catalogue
        self._register = register
        self._calendar = calendar
        self._clock = clock

    def renew(self, *, calendar: PaymentCalendar, catalogue: BenefitCatalogue) -> None:
        """Go by these payment days and benefits from now on."""
        self._calendar, self.catalogue = calendar, catalogue

    async def locate(self, personnummer: str) -> Subject | None:
        """Return the register's key for twelve digits; raises :class:`~cases.errors.CasesUnavailableError`."""
        return await self._register.locate(personnummer)

    async def next_payments(self, subject: Subject) -> tuple[NextPayment, ...] | CannotSee:
        """Return what is paid next, the earliest first; empty when nothing is planned.

        One per benefit, and last one more for each benefit with a payment whose day is not known.
        """
        return await _seen(self._planned(subject))

    async def next_payment(self, subject: Subject, benefit: str) -> NextPayment | NoPayment | CannotSee:
        """Return when this benefit is paid next: on a day, or on one that is not known yet."""
        planned = await self.next_payments(subject)
        if isinstance(planned, CannotSee):
            return planned
        return next((payment for payment in planned if payment.benefit == benefit), NoPayment(benefit))

    async def case_status(self, subject: Subject, benefit: str | None = None) -> tuple[CaseStatus, ...] | CannotSee:
        """Return the matters of this benefit, or all when ``None``, the newest first."""
        matters = await _seen(self._register.matters(subject))
        if isinstance(matters, CannotSee):
            return matters
        return tuple(matter for matter in matters if benefit in (None, matter.benefit))

    async def calendar_answer(self, benefit: str, on: date | None = None) -> CalendarAnswer | None:
        """Return the benefit's next payment days, for anybody to hear; ``None`` when no table is published."""
        days = self._calendar.next_days(benefit, on=on or self.today())
        return CalendarAnswer(benefit, days) if days else None

    async def card(self, subject: Subject, *, cleared: bool = False) -> PersonCard | CannotSee:
        """Return what an agent may see; ``cleared`` agents also see the name of somebody with protected identity."""
        return await _seen(self._card(subject, cleared))

    def today(self) -> date:
        """Return the day that it is in Sweden."""
        return self._clock.now().astimezone(STOCKHOLM).date()

    async def _card(self, subject: Subject, cleared: bool) -> PersonCard:
        person = await self._register.person(subject)
        matters = await self._register.matters(subject)
        return PersonCard(
            name="" if person.protected and not cleared else person.name,
            language=person.language,
            protected=person.protected,
            open_matters=tuple(matter for matter in matters if matter.state is not CaseState.DECIDED),
        )

    async def _planned(self, subject: Subject) -> tuple[NextPayment, ...]:
        rows = await self._register.payments(subject)
        if not rows:
            return ()
        born_day = (await self._register.person(subject)).born_day
        today = self.today()
        days = ((row, self._day_of(row, today, born_day)) for row in rows)
        planned = [
            NextPayment(benefit=row.benefit, on=on, amount_kronor=row.amount_kronor if row.amount_allowed else None)
            for row, on in days
            if on is None or on >= today
        ]
        return _first_of_each(sorted(planned, key=lambda payment: (payment.on or date.max, payment.benefit)))

    def _day_of(self, row: Payment, today: date, born_day: int) -> date | None:
        """Return the person's own date where the payment system has one; it knows of exceptions that no table does.

        ``None`` when there is neither that nor a table: the payment is planned all the same.
        """
        return row.on or self._calendar.next_day(row.benefit, on=today, born_day=born_day)


def _first_of_each(payments: Sequence[NextPayment]) -> tuple[NextPayment, ...]:
    first: dict[tuple[str, bool], NextPayment] = {}
    for payment in payments:
        first.setdefault((payment.benefit, payment.on is None), payment)
    return tuple(first.values())


async def _seen(answer: Awaitable[_T]) -> _T | CannotSee:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            return await answer
    except (CasesUnavailableError, TimeoutError) as error:
        reason = Unseen.WRONG_ANSWER if isinstance(error, WrongAnswerError) else Unseen.UNAVAILABLE
        log.warning("cases.cannot_see", reason=reason)
        return CannotSee(reason)
