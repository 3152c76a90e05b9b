"""However a ringing call ends, the citizen's telephone does not ring again until the pause is over (I-13)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.configuration import Configuration
from telephony.model import EndCause
from tests.integration.app.test_crash_points import Story, configured_to, new_story

__all__ = ["new_story"]
SECONDS = 40

NewStory = Callable[[int, Configuration], Any]


async def lives(story: Story) -> None:
    process = await story._new_life(None)
    for _ in range(SECONDS):
        assert await story._second(process)
    await process.runs(lambda: story._look(process))
    await process.end()


@pytest.mark.parametrize("dial", ["agent_first", "citizen_first"])
@pytest.mark.parametrize("cause", [EndCause.FAULT, EndCause.UNREACHABLE, EndCause.BUSY])
async def test_whatever_the_network_says_it_rings_once(
    new_story: NewStory, tmp_path: Path, dial: str, cause: EndCause
) -> None:
    story = await new_story(0, configured_to(tmp_path, dial))

    def act() -> None:
        story.agent.answer()
        story.citizen.reject(cause)

    story._telephones_act = act
    await lives(story)
    assert (story.state, story._rung(), story.tried) == ("waiting", 1, ["missed"])
    assert story.is_free, "the agent takes others meanwhile"


async def test_an_agent_who_hangs_up_while_it_rings_does_not_have_it_ring_again_and_again(
    new_story: NewStory, tmp_path: Path
) -> None:
    story = await new_story(0, configured_to(tmp_path, "agent_first"))

    def act() -> None:
        story.agent.answer()
        if story.citizen.ringing:
            story.agent.hang_up()

    story._telephones_act = act
    await lives(story)
    assert (story.state, story._rung(), story.tried) == ("waiting", 1, ["missed"])
