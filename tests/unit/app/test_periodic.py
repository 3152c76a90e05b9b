"""How the work of a process comes to its end."""

import asyncio
from contextlib import suppress

from app.periodic import end


async def test_a_task_that_lost_its_cancellation_ends_all_the_same():
    begun = asyncio.Event()

    async def forgetful() -> None:
        begun.set()
        with suppress(asyncio.CancelledError):  # as a library does that takes it for a time-out of its own
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(forgetful())
    await begun.wait()
    await asyncio.wait_for(end([task]), 5)
    assert task.cancelled()


async def test_with_nothing_to_end_it_is_done_at_once():
    await end([])
