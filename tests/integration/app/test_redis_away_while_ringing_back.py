"""Redis is away for a minute while a promise comes due, or while its telephone rings: it is kept, and rung once.

It is away for the process as it is when nobody listens: each command fails at once. The minute is the test's own time.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from callbacks.model import CallbackState
from telephony.simulator.phone import SoundKind
from tests.integration.app.test_crash_points import Story, configured_to, new_story

AWAY_SECONDS, MOST_SECONDS = 60, 180
__all__ = ["new_story"]


def nothing_is_promised_yet(story: Story) -> bool:
    return story.state == "none"


def rings(story: Story) -> bool:
    return story.citizen.ringing


def agent_rings(story: Story) -> bool:
    return story.agent.ringing


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("dial", "begins_when"),
    [
        ("agent_first", nothing_is_promised_yet),  # the promise is made and comes due meanwhile
        ("citizen_first", nothing_is_promised_yet),
        ("agent_first", agent_rings),
        ("agent_first", rings),
        ("citizen_first", rings),
    ],
)
async def test_redis_is_away_for_a_minute_and_the_promise_is_kept_all_the_same(
    new_story: Callable[..., Any], tmp_path: Path, dial: str, begins_when: Callable[[Story], bool]
) -> None:
    story: Story = await new_story(0, configured_to(tmp_path, dial))
    with capture_logs():  # a minute of failures, each with its whole traceback
        went_at = await live_through_it(story, begins_when)
    assert went_at is not None, "it never was so"
    assert (story.state, story.faults) == (CallbackState.KEPT, [])
    assert story._rung() == 1
    assert any(what.kind is SoundKind.CONNECTED for _who, what in story.heard)


async def live_through_it(story: Story, begins_when: Callable[[Story], bool]) -> int | None:
    process, went_at = await story._new_life(None), None
    for second in range(MOST_SECONDS):
        if went_at is None and begins_when(story):
            process.redis_is_down, went_at = True, second
        if went_at is not None and second == went_at + AWAY_SECONDS:
            process.redis_is_down = False
        assert await story._second(process)
        if went_at is not None and not process.redis_is_down and story._is_over():
            break
    await process.runs(lambda: story._look(process))
    await process.end()
    story._look_at_both_ends()
    return went_at
