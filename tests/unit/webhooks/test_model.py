"""When what was not taken is told again, and by which name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from webhooks.model import PAUSES, Answer, Delivery, Happening, State, Subscription, after, wanting

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
TOLD = Happening(type="text.delivered", data={"message": "sms_1"}, occurred_at=NOW, to="journal")


def delivery(attempts: int = 1) -> Delivery:
    return Delivery(
        delivery=TOLD.name_for("journal"), system="journal", type=TOLD.type, body=TOLD.body, state=State.WAITING,
        created_at=NOW, attempts=attempts, next_at=NOW, claimed_until=NOW + timedelta(seconds=30),
    )  # fmt: skip


def subscription(system: str, *events: str) -> Subscription:
    return Subscription(system=system, url="https://x.example/", events=frozenset(events), secrets=())


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_2xx_is_taken(status: int) -> None:
    then = after(delivery(), Answer(status=status), now=NOW, chance=0.5)
    assert (then.state, then.next_at, then.ended_at, then.claimed_until) == (State.DELIVERED, None, NOW, None)


@pytest.mark.parametrize("status", [None, 100, 301, 307, 400, 401, 404, 409, 429, 500, 503])
def test_all_else_is_told_again_for_two_days_with_growing_pauses(status: int | None) -> None:
    at, one, times = NOW, delivery(0), []
    while one.state is State.WAITING:
        one = after(replace(one, attempts=one.attempts + 1), Answer(status=status), now=at, chance=0)
        times.append(at)
        at = one.next_at or at
    assert [later - earlier for earlier, later in pairwise(times)] == list(PAUSES)
    assert (one.state, one.reason, one.attempts) == (State.FAILED, "not_taken", len(PAUSES) + 1)
    assert timedelta(days=1) < at - NOW < timedelta(days=2)


def test_chance_makes_pauses_longer_and_never_shorter() -> None:
    pauses = [after(delivery(3), Answer(status=500), now=NOW, chance=one / 10).next_at for one in range(10)]
    assert pauses == sorted(set(pauses))
    assert pauses[0] == NOW + PAUSES[2]
    assert pauses[-1] < NOW + PAUSES[2] * 1.25


@pytest.mark.parametrize(
    ("status", "said", "waits"),
    [
        (429, "120", timedelta(seconds=120)),
        (503, "120", timedelta(seconds=120)),
        (503, "Mon, 16 Nov 2026 09:10:00 GMT", timedelta(minutes=10)),
        (503, "1", PAUSES[0]),  # ours is longer
        (503, "Mon, 16 Nov 2026 08:00:00 GMT", PAUSES[0]),  # it is over already
        (429, "99999999999999999999", timedelta(hours=1)),  # a slip of theirs
        (429, "Sun, 31 Dec 9999 23:59:59 GMT", timedelta(hours=1)),
        (429, "-5", PAUSES[0]),
        (429, "soon", PAUSES[0]),
        (429, "", PAUSES[0]),
        (429, "٣٠", PAUSES[0]),  # digits, and not those of HTTP
        (500, "120", PAUSES[0]),  # says it where it means nothing
    ],
)
def test_a_receiver_that_asks_to_wait_is_waited_for_an_hour_at_most(status: int, said: str, waits: timedelta) -> None:
    then = after(delivery(), Answer(status=status, retry_after=said), now=NOW, chance=0)
    assert then.next_at == NOW + waits


def test_410_ends_it_at_once() -> None:
    then = after(delivery(), Answer(status=410), now=NOW, chance=0)
    assert (then.state, then.reason, then.next_at) == (State.FAILED, "switched_off", None)


def test_no_more_than_two_hundred_characters_of_an_answer_are_kept() -> None:
    assert len(after(delivery(), Answer(status=500, text="x" * 999), now=NOW, chance=0).answer) == 200


def test_a_delivery_is_named_by_what_happened_and_whom_it_is_for() -> None:
    later = replace(TOLD, occurred_at=NOW + timedelta(microseconds=1))
    names = {TOLD.name_for("journal"), TOLD.name_for("form"), later.name_for("journal"), TOLD.name_for("journal")}
    assert len(names) == 3


def test_what_is_told_is_small() -> None:
    with pytest.raises(ValueError, match=r"text.delivered"):
        _ = replace(TOLD, data={"message": "x" * 5_000}).body


def test_only_whoever_asked_is_told_and_what_concerns_one_only_that_one() -> None:
    asked, other, wants_less = (
        subscription("journal", "text.delivered"),
        subscription("form", "text.delivered"),
        subscription("board", "text.received"),
    )
    all_three = [asked, other, wants_less]
    assert wanting(all_three, TOLD) == [asked]
    assert wanting(all_three, replace(TOLD, to=None)) == [asked, other]
    assert wanting(all_three, replace(TOLD, to="")) == []
