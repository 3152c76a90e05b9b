"""What a citizen may hear of their own money and matters."""

import asyncio
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from cases import service
from cases.configuration import load_benefits, load_payment_days
from cases.errors import CasesUnavailableError, WrongAnswerError
from cases.model import CannotSee, CaseState, CaseStatus, NextPayment, NoPayment, Payment, Person, Unseen
from cases.ports import CaseRegister
from cases.service import Cases
from core.ids import Subject
from core.language import Language
from tests.fakes.clock import HandClock
from tests.integration.cases.registers import embedded

CONFIG = Path(__file__).parents[3] / "config"
CATALOGUE = load_benefits((CONFIG / "benefits.yaml").read_text("utf-8"))
CALENDAR = load_payment_days((CONFIG / "payment_days.yaml").read_text("utf-8"))
ANYBODY = Subject("x")


def cases_over(register: CaseRegister, clock: HandClock | None = None) -> Cases:
    return Cases(register=register, calendar=CALENDAR, catalogue=CATALOGUE, clock=clock or HandClock())


@pytest.fixture
def cases() -> Cases:
    return cases_over(embedded())


class Rows:
    """A register of one person with these rows, or with this fault."""

    def __init__(self, *payments: Payment, born_day: int = 5, fault: Exception | None = None) -> None:
        self._payments, self._born_day, self._fault = payments, born_day, fault

    async def locate(self, personnummer: str) -> Subject | None:
        return ANYBODY

    async def person(self, subject: Subject) -> Person:
        self._maybe_fail()
        return Person(name="Testa Testsson", born_day=self._born_day)

    async def payments(self, subject: Subject) -> Sequence[Payment]:
        self._maybe_fail()
        return self._payments

    async def matters(self, subject: Subject) -> Sequence[CaseStatus]:
        self._maybe_fail()
        return ()

    def _maybe_fail(self) -> None:
        if self._fault:
            raise self._fault


async def test_somebody_who_allowed_it_hears_date_and_amount(cases: Cases) -> None:
    subject = await cases.locate("199107172380")
    assert subject is not None
    expected = NextPayment(benefit="barnbidrag", on=date(2026, 11, 20), amount_kronor=1250)
    assert await cases.next_payment(subject, "barnbidrag") == expected


async def test_somebody_who_did_not_hears_the_date_only(cases: Cases) -> None:
    payment = await cases.next_payment(Subject("demo-02"), "barnbidrag")
    assert payment == NextPayment(benefit="barnbidrag", on=date(2026, 11, 20), amount_kronor=None)


async def test_several_payments_are_told_the_earliest_first(cases: Cases) -> None:
    payments = await cases.next_payments(Subject("demo-03"))
    assert isinstance(payments, tuple)
    assert [(payment.benefit, payment.on and payment.on.day) for payment in payments] == [
        ("barnbidrag", 20), ("flerbarnstillagg", 20), ("foraldrapenning", 26)
    ]  # fmt: skip


async def test_somebody_without_payments_and_matters_is_told_so(cases: Cases) -> None:
    nobody = Subject("demo-07")
    assert await cases.next_payments(nobody) == ()
    assert await cases.next_payment(nobody, "barnbidrag") == NoPayment("barnbidrag")
    assert await cases.case_status(nobody) == ()


async def test_a_benefit_without_a_table_is_paid_on_the_persons_own_date(cases: Cases) -> None:
    payment = await cases.next_payment(Subject("demo-05"), "sjukpenning")
    assert payment == NextPayment(benefit="sjukpenning", on=date(2026, 11, 20), amount_kronor=None)


async def test_without_a_table_and_a_date_of_their_own_it_is_planned_and_no_date_is_guessed() -> None:
    cases = cases_over(Rows(Payment(benefit="sjukpenning")))
    assert await cases.next_payment(ANYBODY, "sjukpenning") == NextPayment(benefit="sjukpenning", on=None)


async def test_when_the_tables_have_run_out_the_payment_is_planned_all_the_same() -> None:
    clock = HandClock()
    clock.at = clock.at.replace(year=max(table.year for table in CALENDAR.tables) + 1)
    planned = await cases_over(Rows(Payment(benefit="barnbidrag")), clock).next_payments(ANYBODY)
    assert planned == (NextPayment(benefit="barnbidrag", on=None),)


async def test_one_without_a_day_is_told_last_and_never_left_out() -> None:
    rows = [Payment(benefit="vab"), Payment(benefit="barnbidrag"), Payment(benefit="vab", on=date(2026, 12, 4))]
    assert await cases_over(Rows(*rows)).next_payments(ANYBODY) == (
        NextPayment(benefit="barnbidrag", on=date(2026, 11, 20)),
        NextPayment(benefit="vab", on=date(2026, 12, 4)),
        NextPayment(benefit="vab", on=None),
    )


async def test_the_persons_own_date_goes_before_the_table() -> None:
    cases = cases_over(Rows(Payment(benefit="barnbidrag", on=date(2026, 11, 24))))
    assert await cases.next_payment(ANYBODY, "barnbidrag") == NextPayment(benefit="barnbidrag", on=date(2026, 11, 24))


async def test_a_payment_of_the_past_is_not_the_next_one() -> None:
    rows = [Payment(benefit="vab", on=date(2026, 11, day)) for day in (2, 23, 30)]
    assert await cases_over(Rows(*rows)).next_payments(ANYBODY) == (NextPayment(benefit="vab", on=date(2026, 11, 23)),)


async def test_the_day_of_birth_decides_where_the_benefit_says_so() -> None:
    for born_day, day in ((5, 25), (15, 26), (31, 27)):
        cases = cases_over(Rows(Payment(benefit="foraldrapenning"), born_day=born_day))
        payment = await cases.next_payment(ANYBODY, "foraldrapenning")
        assert isinstance(payment, NextPayment) and payment.on and payment.on.day == day


async def test_today_is_the_day_that_it_is_in_sweden() -> None:
    clock = HandClock()
    cases = cases_over(Rows(Payment(benefit="barnbidrag")), clock)
    clock.at = clock.at.replace(day=20, hour=22, minute=59)  # 23:59 in Sweden
    assert await cases.next_payment(ANYBODY, "barnbidrag") == NextPayment(benefit="barnbidrag", on=date(2026, 11, 20))
    clock.pass_time(minutes=1)
    assert await cases.next_payment(ANYBODY, "barnbidrag") == NextPayment(benefit="barnbidrag", on=date(2026, 12, 18))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(CasesUnavailableError(), Unseen.UNAVAILABLE), (WrongAnswerError(), Unseen.WRONG_ANSWER)],
)
async def test_what_cannot_be_seen_is_said_to_be_so(fault: Exception, reason: Unseen) -> None:
    cases = cases_over(Rows(fault=fault))
    unseen = CannotSee(reason)
    assert await cases.next_payments(ANYBODY) == unseen
    assert await cases.next_payment(ANYBODY, "barnbidrag") == unseen
    assert await cases.case_status(ANYBODY, "barnbidrag") == unseen
    assert await cases.card(ANYBODY) == unseen


async def test_a_caller_does_not_wait_for_one_slow_answer_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "WAIT_SECONDS", 0.1)

    class Slow(Rows):
        async def payments(self, subject: Subject) -> Sequence[Payment]:
            await asyncio.sleep(0.06)
            return (Payment(benefit="barnbidrag"),)

        async def person(self, subject: Subject) -> Person:
            await asyncio.sleep(0.9)
            return await super().person(subject)

    began = time.perf_counter()
    assert await cases_over(Slow()).next_payments(ANYBODY) == CannotSee(Unseen.UNAVAILABLE)
    assert time.perf_counter() - began < 0.8


async def test_every_state_of_a_matter_is_told_with_what_belongs_to_it(cases: Cases) -> None:
    [missing] = await _status(cases, "demo-05", "sjukpenning")
    assert (missing.state, missing.missing) == (CaseState.NEEDS_MORE, ("läkarintyg",))
    [expected] = await _status(cases, "demo-02", "foraldrapenning")
    assert (expected.state, expected.decision_expected_on) == (CaseState.IN_PROGRESS, date(2026, 11, 28))
    [decided] = await _status(cases, "demo-06", "sjukersattning")
    assert (decided.state, decided.decided_on) == (CaseState.DECIDED, date(2026, 11, 11))
    [unknown] = await _status(cases, "demo-10", "bostadstillagg")
    assert (unknown.state, unknown.decision_expected_on) == (CaseState.RECEIVED, None)
    assert len(await _status(cases, "demo-12", None)) == 2
    assert await _status(cases, "demo-12", "vab") == ()


async def _status(cases: Cases, subject: str, benefit: str | None) -> tuple[CaseStatus, ...]:
    status = await cases.case_status(Subject(subject), benefit)
    assert isinstance(status, tuple)
    return status


async def test_the_calendar_of_a_benefit_is_for_anybody(cases: Cases) -> None:
    answer = await cases.calendar_answer("barnbidrag")
    assert answer is not None and [day.on for day in answer.days] == [date(2026, 11, 20)]
    assert await cases.calendar_answer("sjukpenning") is None
    assert await cases.calendar_answer("barnbidrag", date(2030, 1, 1)) is None


async def test_an_agent_sees_a_card_with_the_open_matters(cases: Cases) -> None:
    card = await cases.card(Subject("demo-12"))
    assert not isinstance(card, CannotSee)
    assert (card.name, card.protected) == ("Anton Samordning", False)
    assert [matter.benefit for matter in card.open_matters] == ["foraldrapenning"]
    english = await cases.card(Subject("demo-09"))
    assert not isinstance(english, CannotSee) and english.language is Language.ENGLISH


async def test_the_name_of_a_protected_person_is_for_cleared_agents_only(cases: Cases) -> None:
    card, cleared = await cases.card(Subject("demo-08")), await cases.card(Subject("demo-08"), cleared=True)
    assert not isinstance(card, CannotSee) and not isinstance(cleared, CannotSee)
    assert (card.protected, card.name) == (True, "")
    assert (cleared.protected, cleared.name) == (True, "Sixten Hemlighet")
