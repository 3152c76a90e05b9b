"""The harness' end of the lines to its routers: whom to ask, and what is known when nobody answers."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import KundcenterError
from telephony.codec import decode_action
from telephony.model import Action
from tests.proof.history import History

PATIENCE_SECONDS = 2.0
"""Real seconds after which whoever asked believes the process dead, and asks another."""


@dataclass
class Answer:
    """``error`` is the name of the refusal, ``""`` when it was done, ``None`` when nobody knows."""

    error: str | None
    result: Any = None
    asked: float = 0.0


@dataclass(eq=False)
class Link:
    """One router."""

    number: int
    pid: int
    writer: asyncio.StreamWriter
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    is_suspect: bool = False


class Links:
    """All routers of a proof. A process that does not answer in time is avoided until it says something."""

    def __init__(
        self, folder: Path, history: History, chance: random.Random, perform: Callable[[Action], Any], now: Any
    ) -> None:
        self.links: dict[int, Link] = {}
        self.on_trouble: Callable[[], None] = lambda: None
        self._folder, self._history, self._chance, self._perform, self._now = folder, history, chance, perform, now
        self._serial = 0
        self._server: asyncio.Server | None = None
        self._nursery: asyncio.subprocess.Process | None = None
        self._born = 0

    async def open(self, settings: dict[str, Any], routers: int) -> None:
        path = self._folder / "harness.sock"
        self._server = await asyncio.start_unix_server(self._serve, str(path), limit=2**24)
        everything = json.dumps({**settings, "socket": str(path), "folder": str(self._folder)})
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.proof.router", everything, stdin=asyncio.subprocess.PIPE
        )
        for _ in range(routers):
            self.bear()
        while len(self.links) < routers:
            await asyncio.sleep(0.02)

    def bear(self) -> None:
        """Start one more router."""
        assert self._nursery is not None and self._nursery.stdin is not None
        self._nursery.stdin.write(f"{self._born}\n".encode())
        self._born += 1

    async def close(self) -> None:
        for link in list(self.links.values()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(link.pid, signal.SIGKILL)
        if self._nursery is not None:
            self._nursery.kill()
            await self._nursery.wait()
        if self._server is not None:
            self._server.close()

    # --- asking -------------------------------------------------------------------------------------------------------

    def anybody(self, *, for_key: str = "") -> Link | None:
        """Choose a router that seems well: the same for the same key, as long as the same are well."""
        well = [link for _, link in sorted(self.links.items()) if not link.is_suspect] or list(self.links.values())
        if not well:
            return None
        return well[sum(for_key.encode()) % len(well)] if for_key else self._chance.choice(well)

    async def ask(
        self, do: str, *, link: Link | None = None, patience: float = PATIENCE_SECONDS, **what: Any
    ) -> Answer:
        """Ask one router, and return what is known of it after a while."""
        asked, link = self._now(), link or self.anybody()
        if link is None:
            await asyncio.sleep(0.1)
            return Answer(None, asked=asked)
        self._serial += 1
        number, waiting = self._serial, asyncio.get_running_loop().create_future()
        link.waiting[number] = waiting
        link.writer.write(json.dumps({"id": number, "do": do, "with": what}).encode() + b"\n")
        done, _ = await asyncio.wait({waiting}, timeout=patience)
        if done:
            said = waiting.result()
            return Answer(said["error"], said["result"], asked)
        if not link.is_suspect:
            link.is_suspect = True
            self.on_trouble()
        waiting.add_done_callback(lambda late: self._late(do, what, late.result()))
        return Answer(None, asked=asked)

    def _late(self, do: str, what: dict[str, Any], said: dict[str, Any]) -> None:
        who = {key: what[key] for key in ("agent", "agents", "contact") if key in what}
        self._history.write("late", do=do, error=said["error"], **who)

    # --- hearing ------------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = json.loads(await reader.readline())
        link = Link(hello["hello"], hello["pid"], writer)
        self.links[link.number] = link
        try:
            while line := await reader.readline():
                await self._hear(link, json.loads(line))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.links.pop(link.number, None)
            for waiting in link.waiting.values():
                if not waiting.done():
                    waiting.set_result({"error": None, "result": None})
            self.on_trouble()
            writer.close()

    async def _hear(self, link: Link, said: dict[str, Any]) -> None:
        link.is_suspect = False
        if "perform" in said:
            link.writer.write(
                json.dumps({"re": said["n"], "error": await self._done(said["perform"])}).encode() + b"\n"
            )
        elif "told" in said:
            self._history.write(said["told"], contact=said["contact"])
        else:
            waiting = link.waiting.pop(said["id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(said)

    async def _done(self, action: str) -> str:
        try:
            await self._perform(decode_action(action))
        except KundcenterError as error:
            return f"{type(error).__name__} {error.detail}"
        return ""
