"""Order within a call, none between calls; and text from outside made harmless."""

import asyncio

import pytest

from ivr.hostile import tame
from ivr.lanes import Lanes


async def test_work_of_one_call_is_done_in_order_and_calls_go_side_by_side() -> None:
    lanes, done, gate = Lanes(), [], asyncio.Event()

    def work(name: str, *, waits: bool = False):
        async def run() -> None:
            if waits:
                await gate.wait()
            done.append(name)

        return run

    lanes.post("a", work("a1", waits=True))
    lanes.post("a", work("a2"))
    lanes.post("b", work("b1"))
    while not done:
        await asyncio.sleep(0)
    assert done == ["b1"]
    gate.set()
    await lanes.idle()
    assert done == ["b1", "a1", "a2"]


async def test_what_raises_does_not_stop_its_lane() -> None:
    lanes, done = Lanes(), []

    async def fails() -> None:
        raise RuntimeError("broken")

    async def works() -> None:
        done.append(1)

    lanes.post("a", fails)
    lanes.post("a", works)
    await lanes.idle()
    lanes.post("a", works)
    await lanes.idle()
    assert done == [1, 1]


async def test_closing_stops_what_is_under_way() -> None:
    lanes = Lanes()
    lanes.post("a", asyncio.Event().wait)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await lanes.close()
    await lanes.idle()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        # plain names stay, also with letters of other languages
        ("Åsa Öberg", "Åsa Öberg"),
        # a line break that would begin another command
        ("a\r\nAction: Originate", "aAction: Originate"),
        # NUL
        ("a\x00b", "ab"),
        # a mark that turns the direction of writing
        ("\u202eabc", "abc"),
        # nothing but space
        ("   ", ""),
        # far too long
        ("x" * 10_000, "x" * 20),
    ],
)
def test_text_from_outside_is_made_harmless_and_short(text: str, kept: str) -> None:
    assert tame(text, most=20) == kept
