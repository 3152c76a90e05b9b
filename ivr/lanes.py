"""One call's events strictly in order, different calls side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]


class Lanes:
    """A lane per key: work posted to it runs after what was posted before. What raises is logged, and never stops it."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Work]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def post(self, key: str, work: Work) -> None:
        """Have work done in its lane, and return at once."""
        if key in self._waiting:
            self._waiting[key].append(work)
            return
        self._waiting[key] = deque([work])
        task = asyncio.create_task(self._run(key), name=f"lane {key}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait until all that was posted is done."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Stop all lanes, whatever they are doing."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, key: str) -> None:
        lane = self._waiting[key]
        while lane:
            try:
                await lane.popleft()()
            except Exception as error:  # a lane outlives whatever happens in it
                log.exception("ivr.lane_fault", lane=key, kind=type(error).__name__, exc_info=False)
        del self._waiting[key]
