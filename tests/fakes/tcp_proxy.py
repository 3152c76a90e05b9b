"""A cable between two programs that a test can cut, let swallow everything, or make slow."""

from __future__ import annotations

import asyncio
import contextlib


class TcpProxy:
    """Listens on a free port of loopback and passes bytes on; ``async with TcpProxy(port) as proxy: proxy.port``.

    ``target`` is a port of this machine, or the path of a Unix socket.
    """

    def __init__(self, target: int | str) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.swallows = False
        self.refuses = False
        self.connections = 0
        self.port = 0
        self._passes = asyncio.Event()
        self._passes.set()

    async def __aenter__(self) -> TcpProxy:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold_back(self) -> None:
        """Let nothing through until :meth:`let_go`; nothing is lost."""
        self._passes.clear()

    def let_go(self) -> None:
        self._passes.set()

    def cut(self) -> None:
        """End every connection at once, as a reset."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        far_reader, far_writer = await self._far_end()
        self.connections += 1
        self._writers |= {writer, far_writer}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.get_running_loop().create_task(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _far_end(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, str):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._passes.wait()
                if not self.swallows:
                    sink.write(data)
        sink.transport.abort()
