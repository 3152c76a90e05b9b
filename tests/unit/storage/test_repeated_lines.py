"""What repeats each second in an outage is written once, and then ever more seldom."""

import logging

from storage.repeated_lines import Repeated, SeldomTheSame


def written(repeated: Repeated, *, start: int, seconds: int, kind: str = "gone") -> list[int]:
    return [at for at in range(start, start + seconds) if repeated.is_due(kind, at=at)]


def test_an_hour_of_outage_is_written_at_doubling_intervals() -> None:
    at = written(Repeated(), start=0, seconds=3600)
    assert at[:6] == [0, 5, 15, 35, 75, 155]
    pauses = [later - earlier for earlier, later in zip(at, at[1:], strict=False)]
    assert max(pauses) == 600
    assert len(at) < 14


def test_the_next_outage_is_written_at_once() -> None:
    repeated = Repeated()
    written(repeated, start=0, seconds=120)
    assert written(repeated, start=300, seconds=1) == [300]


def test_different_lines_do_not_hide_each_other() -> None:
    repeated = Repeated()
    assert repeated.is_due("gone", at=0)
    assert repeated.is_due("refused", at=0.5)
    assert not repeated.is_due("gone", at=1)


def test_of_a_library_lines_are_the_same_whatever_their_values() -> None:
    seldom = SeldomTheSame()

    def passes(message: str, *values: object) -> bool:
        record = logging.LogRecord("rq.worker", logging.ERROR, "", 0, message, values, None)
        return seldom.filter(record)

    assert passes("no connection: %s, again in %d s", "refused", 1)
    assert not passes("no connection: %s, again in %d s", "timed out", 2)
    assert passes("another thing")
