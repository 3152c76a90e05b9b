"""The cable between our controller and the switch, which can be made late: what a negative control is made with."""

import asyncio
import contextlib
from typing import Self


class LateCable:
    """Passes bytes between a free port of loopback and the switch; on the way to the switch ``seconds`` late."""

    def __init__(self, target_port: int) -> None:
        self.seconds = 0.0
        self.port = 0
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        for work in (self._pass_on(reader, far_writer, to_switch=True), self._pass_on(far_reader, writer)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, to_switch: bool = False
    ) -> None:
        with contextlib.closing(sink), contextlib.suppress(OSError):
            while data := await source.read(65536):
                if to_switch and self.seconds:
                    await asyncio.sleep(self.seconds)
                sink.write(data)
