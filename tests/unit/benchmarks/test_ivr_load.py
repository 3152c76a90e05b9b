"""The search for the highest rate that a system bears."""

import pytest

from benchmarks.ivr_load import FIRST_RATE, Load, highest


def bearing(most: int, *, hiccups: tuple[int, ...] = ()):
    """A system that bears so many calls a second, but for a hiccup in each of these measurements."""
    measured: list[int] = []

    async def bear(*, rate: int, seconds: int) -> Load:
        measured.append(rate)
        failed = 0 if rate <= most and len(measured) not in hiccups else 3
        return Load(rate, calls=rate * seconds - failed, failed=failed, seconds=[0.1])

    return bear


@pytest.mark.parametrize("most", [11, 49, 50, 51, 75, 137, 400])
async def test_the_highest_rate_is_found_to_a_tenth(most: int) -> None:
    found, _ = await highest(bearing(most), "it", first=FIRST_RATE, rest_seconds=0)
    assert 0.85 * most <= found <= most


async def test_one_hiccup_at_a_rate_does_not_end_the_search() -> None:
    found, tried = await highest(bearing(137, hiccups=(1, 3)), "it", first=FIRST_RATE, rest_seconds=0)
    assert 0.85 * 137 <= found <= 137
    assert [load.rate for load in tried][:4] == [50, 50, 75, 75]


async def test_a_system_that_bears_nothing_has_the_rate_of_nought() -> None:
    assert (await highest(bearing(0), "it", first=FIRST_RATE, rest_seconds=0))[0] == 0
