"""Server-sent events, with what the ready-made ones lack: a browser that does not keep up is let go."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, kw_only=True)
class ServerEvent:
    """One event as the browser gets it."""

    event: str
    data: BaseModel | dict[str, str] | None = None
    id: str = ""

    def encode(self) -> bytes:
        """Write the event as the standard has it (WHATWG HTML, server-sent events)."""
        body = self.data.model_dump_json() if isinstance(self.data, BaseModel) else json.dumps(self.data or {})
        head = f"id: {self.id}\n" if self.id else ""
        return f"{head}event: {self.event}\ndata: {body}\n\n".encode()


class EventStream(Response):
    """Sends events until they end, the browser is gone, or it has not taken one within ``patience`` seconds."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[ServerEvent, None], *, patience: float = 10.0) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the stream; what produces the events is closed at once when the browser goes."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        sender = asyncio.create_task(self._send_all(send))
        watcher = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({sender, watcher}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sender, watcher):
                task.cancel()
            results = await asyncio.gather(sender, watcher, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, TimeoutError | OSError):
                raise result

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._events) as stream:
            async for event in stream:
                async with asyncio.timeout(self._patience):
                    await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
