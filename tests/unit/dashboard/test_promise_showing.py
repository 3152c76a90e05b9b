"""What an agent sees of a promise to ring back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.ids import AgentId, CallbackId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from dashboard import promise_showing, views

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
ASA, BO = AgentId("asa"), AgentId("bo")


@dataclass(frozen=True)
class Rings:
    """How promises are kept: in these queues citizens are rung first."""

    first: frozenset[str] = frozenset()
    most_attempts: int = 3

    def rings_citizen_first(self, queue: str, *, bound_to: AgentId | None) -> bool:
        return queue in self.first and bound_to is None


@dataclass(frozen=True)
class ASpan:
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class APromise:
    callback: CallbackId = CallbackId("cbk_1")
    contact: ContactId = ContactId("con_1")
    number: PhoneNumber = PhoneNumber("+46701740620")
    queue: str = "sjuk"
    language: Language = Language.SWEDISH
    reason: str = "waiting"
    state: str = "in_line"
    first_requested_at: datetime = AT
    promised_at: datetime = AT
    told: ASpan | None = None
    proof: str = "123456"
    bound_to: AgentId | None = None
    deputy: AgentId | None = None
    attempts: int = 0
    not_before: datetime | None = None
    taken_by: AgentId | None = None
    ended_at: datetime | None = None
    last_reason: str = ""


@dataclass(frozen=True)
class ACount:
    failed: Mapping[str, int]
    cancelled: Mapping[str, int]
    promised: int = 9
    kept_in_time: int = 1
    kept_late: int = 1
    kept_without_time: int = 1
    open: int = 1
    waits: None = None


@dataclass(frozen=True)
class ACapUse:
    hour_used: float = 0.5
    full_ranges: int = 0
    full_numbers: int = 1
    full_persons: int = 0


CARD = views.CardView(
    contact="con_1", number="070-174 06 99", display_name="", level=0, opened_at=AT, answers=[], person=None,
    person_unavailable=False,
)  # fmt: skip


def test_only_the_ends_of_a_promised_number_are_shown() -> None:
    shown = promise_showing.callback(APromise(), {"sjuk": "Sjuk"}, agent=ASA, how=Rings())
    assert (shown.number, shown.queue_label) == ("070-••• •• 20", "Sjuk")
    assert "17406" not in shown.model_dump_json()
    assert "123456" not in shown.model_dump_json()


def test_the_number_is_whole_only_once_it_is_rung_and_the_code_is_easy_to_say() -> None:
    before = promise_showing.with_promise(CARD, APromise(), is_rung=False)
    assert (before.number, before.code, before.rings_back) == ("070-••• •• 20", "123 456", True)
    assert promise_showing.with_promise(CARD, APromise(), is_rung=True).number == "070-174 06 20"
    assert promise_showing.with_promise(CARD, APromise(proof=""), is_rung=True).code == ""


def test_an_offer_counts_the_attempt_that_it_is_for_and_a_talk_the_one_that_it_is() -> None:
    promise = APromise(attempts=1, bound_to=ASA)
    offered = promise_showing.ring_back(promise, agent=ASA, most=3, is_begun=False, is_on_the_line=False)
    begun = promise_showing.ring_back(promise, agent=BO, most=3, is_begun=True, is_on_the_line=False)
    assert (offered.attempt, offered.is_own) == (2, True)
    assert (begun.attempt, begun.is_own) == (1, False)


def test_who_was_rung_before_an_agent_waits_on_the_line_and_the_attempt_is_the_one_that_reached_them() -> None:
    waits = promise_showing.ring_back(APromise(attempts=2), agent=ASA, most=3, is_begun=False, is_on_the_line=True)
    assert (waits.attempt, waits.is_on_the_line) == (2, True)


def test_the_list_tells_whose_telephone_rings_before_an_agents() -> None:
    how = Rings(frozenset({"sjuk"}))
    own, others = APromise(bound_to=ASA), APromise()
    names = {"sjuk": "Sjuk"}
    assert promise_showing.callback(others, names, agent=ASA, how=how).is_rung_first
    assert not promise_showing.callback(own, names, agent=ASA, how=how).is_rung_first, "an agent's own to ring"
    assert not promise_showing.callback(others, names, agent=ASA, how=Rings()).is_rung_first


def test_a_promise_is_what_an_agent_rings_for_only_when_that_agent_has_taken_it() -> None:
    taken = APromise(state="taken", taken_by=ASA)
    assert promise_showing.is_rung_by(taken, ASA)
    assert promise_showing.is_rung_by(replace(taken, state="kept"), ASA)
    assert not promise_showing.is_rung_by(taken, BO)
    assert not promise_showing.is_rung_by(replace(taken, state="waiting"), ASA)
    assert not promise_showing.is_rung_by(None, ASA)
    assert not promise_showing.is_offered(replace(taken, state="waiting"))


def test_an_agent_chooses_among_quarters_of_an_hour_that_are_still_ahead() -> None:
    hour = ASpan(AT, AT + timedelta(hours=1))
    found = list(promise_showing.instants([hour], now=AT + timedelta(minutes=11)))
    assert found == [AT + timedelta(minutes=30), AT + timedelta(minutes=45)]


def test_who_cancelled_is_counted_together_and_no_agent_is_named() -> None:
    found = ACount(failed={"busy": 2}, cancelled={"agent:asa": 1, "agent:bo": 2, "citizen": 1})
    shown = promise_showing.counted(found, ACapUse(), days=7)
    assert [(one.reason, one.number) for one in shown.cancelled] == [("agent", 3), ("citizen", 1)]
    assert "asa" not in shown.model_dump_json()
