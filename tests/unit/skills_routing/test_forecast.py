"""What is said about the rest of a wait, and when nothing is."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.ids import AgentId, ContactId
from skills_routing.forecast.estimates import OneQueue
from skills_routing.forecast.forecast import AgentNow, Caution, Forecast, LineSnapshot, StepAhead, forecast, foresee
from skills_routing.forecast.history import History, Passing
from skills_routing.model import AgentState, Need, Requirement, Skills, Waiting, milliseconds

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
SJUK = Requirement(frozenset({Need("sjuk", 1)}))
BOSTAD = Requirement(frozenset({Need("bostad", 1)}))
ABLE = Skills((("sjuk", 3),))
ME = ContactId("me")
MINUTE = 60.0


def handlings(mean: float = 180.0, count: int = 2000) -> list[float]:
    chance = random.Random(1)
    return [chance.expovariate(1 / mean) for _ in range(count)]


HISTORY = History(handlings={SJUK: handlings(), BOSTAD: handlings()})


def busy(count: int, skills: Skills = ABLE, *, minutes: float = 1, leaves: bool = False) -> list[AgentNow]:
    since = NOW - timedelta(minutes=minutes)
    return [
        AgentNow(AgentId(f"{skills.profile}{number}"), skills, AgentState.BUSY, since, 0, SJUK, leaves)
        for number in range(count)
    ]


def line(ahead: int, requirement: Requirement = SJUK) -> list[Waiting]:
    """So many ahead of me, and three behind."""
    rank = milliseconds(NOW)
    before = [Waiting(ContactId(f"c{number}"), rank - 1000 * (number + 1), requirement) for number in range(ahead)]
    after = [Waiting(ContactId(f"z{number}"), rank + number + 1, SJUK) for number in range(3)]
    return [*after, Waiting(ME, rank, SJUK), *before]


def told(waiting: Sequence[Waiting], agents: Sequence[AgentNow], history: History = HISTORY) -> Forecast | None:
    return all_told(LineSnapshot(waiting, agents), history).get(ME)


def all_told(snapshot: LineSnapshot, history: History = HISTORY) -> dict[ContactId, Forecast]:
    return forecast(
        snapshot, history, NOW, chance=random.Random(7).random, caution=Caution(rehearsals=400, steps=100_000)
    )


def expected(waiting: Sequence[Waiting], agents: Sequence[AgentNow], history: History = HISTORY) -> float:
    found = told(waiting, agents, history)
    assert found is not None
    return found.expected.total_seconds()


def test_in_a_plain_line_it_is_what_theory_says() -> None:
    assert expected(line(9), busy(20)) == pytest.approx(10 * 180 / 20, rel=0.08)
    assert expected(line(29), busy(20)) == pytest.approx(30 * 180 / 20, rel=0.06)


def test_the_range_is_whole_minutes_around_what_is_expected() -> None:
    found = told(line(29), busy(20))
    assert found is not None
    assert found.low_minutes * MINUTE < found.expected.total_seconds() < found.high_minutes * MINUTE
    assert (found.low_minutes, found.high_minutes) == (3, 6)
    assert found.holds(timedelta(minutes=3)) and found.holds(timedelta(minutes=6))
    assert not found.holds(timedelta(minutes=6, seconds=1)) and not found.holds(timedelta(seconds=179))


def test_who_can_be_served_at_once_hears_less_than_a_minute() -> None:
    free = AgentNow(AgentId("asa"), ABLE, AgentState.READY, NOW)
    found = told(line(0), [free, *busy(2)])
    assert found == Forecast(timedelta(0), timedelta(0), timedelta(0))
    assert (found.low_minutes, found.high_minutes) == (0, 1)


def test_only_those_who_can_serve_me_count() -> None:
    others = busy(20, Skills((("bostad", 5),)))
    assert expected(line(3), [*busy(10), *others]) == pytest.approx(expected(line(3), busy(10)), rel=0.1)


def test_those_ahead_whom_others_serve_do_not_make_me_wait() -> None:
    both = [*busy(8), *busy(8, Skills((("bostad", 5),)))]
    assert expected(line(9, BOSTAD), both) < 0.4 * expected(line(9), both)


def test_those_ahead_who_share_my_agents_make_me_wait_whatever_they_need() -> None:
    both = busy(10, Skills((("bostad", 5), ("sjuk", 3))))
    assert expected(line(9, BOSTAD), both) == pytest.approx(expected(line(9), both), rel=0.1)


def test_an_agent_who_has_asked_for_a_break_does_not_come_back_to_the_line() -> None:
    staying, leaving = busy(8), busy(8, Skills((("sjuk", 4),)), leaves=True)
    assert expected(line(9), [*staying, *leaving]) == pytest.approx(expected(line(9), staying), rel=0.1)


def test_an_agent_on_a_break_does_not_count() -> None:
    away = AgentNow(AgentId("asa"), ABLE, AgentState.NOT_READY, NOW)
    assert told(line(1), [away]) is None


def test_people_who_hang_up_make_it_shorter() -> None:
    impatient = History(handlings={SJUK: handlings()}, patience=240.0)
    assert expected(line(29), busy(10), impatient) < 0.6 * expected(line(29), busy(10))


def test_those_with_a_head_start_who_may_still_come_make_it_longer() -> None:
    passing = Passing(SJUK, per_second=1 / 60, head_start=timedelta(minutes=20))
    ahead = History(handlings={SJUK: handlings()}, passing=[passing])
    assert expected(line(9), busy(10), ahead) > 1.25 * expected(line(9), busy(10))
    late = Passing(SJUK, per_second=1 / 60, head_start=timedelta(seconds=0))
    assert expected(line(9), busy(10), History(handlings={SJUK: handlings()}, passing=[late])) == pytest.approx(
        expected(line(9), busy(10), History(handlings={SJUK: handlings()})), rel=0.05
    )


def test_free_agents_who_cannot_serve_me_go_on_taking_those_who_come_in_ahead() -> None:
    only = Skills((("bostad", 3),))
    free = [AgentNow(AgentId(f"bo{number}"), only, AgentState.READY, NOW) for number in range(30)]
    both = busy(10, Skills((("bostad", 5), ("sjuk", 3))))
    passing = Passing(BOSTAD, per_second=1 / 10, head_start=timedelta(minutes=20))
    with_them = History(handlings={SJUK: handlings(), BOSTAD: handlings()}, passing=[passing])
    assert expected(line(39), [*free, *both], with_them) == pytest.approx(expected(line(39), both), rel=0.1)


def test_a_contact_that_has_lasted_long_is_expected_to_end_as_such_contacts_did() -> None:
    steady = History(handlings={SJUK: [300.0 + number / 10 for number in range(60)]})
    assert expected(line(0), busy(1, minutes=4), steady) == pytest.approx(60, abs=8)
    assert expected(line(0), busy(1, minutes=30), steady) < 700  # longer than any before


def test_a_line_with_few_handlings_of_its_own_goes_by_those_of_all() -> None:
    few = History(handlings={SJUK: [10_000.0] * 5, BOSTAD: handlings()})
    assert expected(line(9), busy(20), few) < 200


@pytest.mark.parametrize(
    ("history", "agents", "why"),
    [
        (History(handlings={SJUK: handlings(count=20)}), busy(5), "too little was measured"),
        (HISTORY, busy(5, Skills((("bostad", 5),))), "nobody at work can serve me"),
        (HISTORY, busy(5, leaves=True), "all who can are about to leave"),
        (HISTORY, [], "nobody is at work"),
        (History(handlings={SJUK: [20.0] * 30 + [3600.0] * 10}), busy(1), "it may be half a minute or an hour"),
        (History(handlings={SJUK: [3000.0] * 40}), busy(1), "it takes longer than anything we would say"),
    ],
)
def test_it_is_silent_when_it_is_not_sure(history: History, agents: list[AgentNow], why: str) -> None:
    assert told(line(5), agents, history) is None, why


def test_somebody_who_does_not_wait_is_told_nothing() -> None:
    assert told([], busy(5)) is None


def test_the_same_line_and_the_same_chance_give_the_same_answer() -> None:
    assert told(line(12), busy(5)) == told(line(12), busy(5))


@pytest.mark.parametrize(("size", "times"), [(0, 100), (30, 100), (200, 50), (2000, 30)])
def test_a_long_line_is_rehearsed_less_often(size: int, times: int) -> None:
    assert Caution().times(size) == times


def test_many_ahead_are_foreseen_well_by_few_rehearsals() -> None:
    found = forecast(LineSnapshot(line(500), busy(100)), HISTORY, NOW, chance=random.Random(7).random)[ME]
    assert found.expected.total_seconds() == pytest.approx(501 * 180 / 100, rel=0.05)


def test_one_rehearsal_tells_everybody_what_theory_says() -> None:
    found = all_told(LineSnapshot(line(29), busy(20)))
    assert len(found) == 33
    for place, contact in ((30, ME), (1, ContactId("c28")), (10, ContactId("c19")), (33, ContactId("z2"))):
        assert found[contact].expected.total_seconds() == pytest.approx(place * 180 / 20, rel=0.08)


def test_who_waits_behind_me_changes_nothing_for_me() -> None:
    crowd = [Waiting(ContactId(f"b{number}"), milliseconds(NOW) + 1000 + number, SJUK) for number in range(200)]
    found = forecast(LineSnapshot([*line(9), *crowd], busy(10)), HISTORY, NOW, chance=random.Random(7).random)
    assert found[ME].expected.total_seconds() == pytest.approx(expected(line(9), busy(10)), rel=0.15)


def test_what_i_hear_does_not_count_on_my_hanging_up() -> None:
    impatient = History(handlings={SJUK: handlings()}, patience=30.0)
    alone = LineSnapshot([Waiting(ME, milliseconds(NOW), SJUK)], busy(1))
    found = foresee(alone, impatient, NOW, chance=random.Random(7).random, caution=Caution(rehearsals=1000, steps=9999))
    assert found[ME].expected.total_seconds() == pytest.approx(180, rel=0.1)


def test_a_telephone_that_rings_before_it_is_answered_makes_me_wait_so_much_longer() -> None:
    ringing = History(handlings={SJUK: handlings()}, answering=10.0)
    assert expected(line(0), busy(5), ringing) == pytest.approx(expected(line(0), busy(5)) + 10, abs=1)
    assert expected(line(50), busy(5), ringing) > expected(line(50), busy(5)) + 90


def test_somebody_who_would_come_in_now_takes_nobodys_time() -> None:
    asks = [Waiting(ContactId(f"asks{number}"), milliseconds(NOW) + 9 + number, SJUK) for number in range(50)]
    imagined = frozenset(one.contact for one in asks)
    found = all_told(LineSnapshot([*line(9), *asks], busy(10), imagined=imagined))
    assert found[ContactId("asks49")].expected.total_seconds() == pytest.approx(14 * 180 / 10, rel=0.1)


def test_a_step_to_come_lets_others_serve_me_from_then_on() -> None:
    others = busy(10, Skills((("bostad", 5),)))
    waiting = [*line(29)]
    step = StepAhead(ME, timedelta(minutes=2), BOSTAD)
    stays = all_told(LineSnapshot(waiting, [*busy(10), *others]))[ME]
    widens = all_told(LineSnapshot(waiting, [*busy(10), *others], steps=[step]))[ME]
    assert stays.expected > timedelta(minutes=8)
    assert widens.expected == timedelta(minutes=2), "by then one of the others was free, and had nobody to serve"
    crowd = [*waiting, *(one for one in line(40, BOSTAD) if one.contact not in {each.contact for each in waiting})]
    later = all_told(LineSnapshot(crowd, [*busy(10), *others], steps=[step]))[ME]
    assert timedelta(minutes=2) < later.expected < stays.expected


def test_nobody_waits_for_a_step_of_somebody_who_is_gone() -> None:
    gone = StepAhead(ContactId("gone"), timedelta(minutes=1), SJUK)
    assert ContactId("gone") not in all_told(LineSnapshot(line(3), busy(5), steps=[gone]))


def test_those_whom_nobody_can_serve_do_not_keep_the_others_from_hearing() -> None:
    stuck = [Waiting(ContactId(f"stuck{number}"), milliseconds(NOW) - 10**6, BOSTAD) for number in range(20)]
    found = all_told(LineSnapshot([*stuck, *line(9)], busy(10)))
    assert found[ME].expected.total_seconds() == pytest.approx(180, rel=0.1)
    assert ContactId("stuck0") not in found


def test_what_is_too_uncertain_to_be_said_is_foreseen_all_the_same() -> None:
    wild = History(handlings={SJUK: [20.0] * 30 + [3600.0] * 10})
    snapshot = LineSnapshot(line(5), busy(1))
    assert ME in foresee(snapshot, wild, NOW, chance=random.Random(7).random)
    assert ME not in forecast(snapshot, wild, NOW, chance=random.Random(7).random)


def test_app_queue_weighs_the_newest_wait_by_a_quarter_in_whole_seconds() -> None:
    queue = OneQueue()
    for wait in (40.9, 0, 0):
        queue.answered(wait=wait)
    assert queue.app_queue() == 5  # 10, then 7.5 cut to 7, then 5.25 cut to 5
    assert (queue.wazo(ahead=0), queue.wazo(ahead=1)) == (0, 5)


def test_opensips_divides_the_work_in_line_by_the_agents_logged_in() -> None:
    queue = OneQueue()
    for handling in (100, 200):
        queue.ended(handling=handling)
    assert queue.opensips(place=4, agents=10) == pytest.approx(60)
    assert queue.opensips(place=4, agents=0) == 0
    assert queue.handling_times_place(place=4) == pytest.approx(600)
