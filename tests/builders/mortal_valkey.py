"""A Valkey that is killed and comes again on the same socket, from a file that lacks what was written lately."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from storage.redis import EmbeddedStore


class MortalValkey(EmbeddedStore):
    """With ``appendfsync everysec`` a second or two may be lost. Here it is all that was written after ``remember``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._file, self._kept = Path(), 0

    def remember(self) -> None:
        self._file = self._newest()
        self._kept = self._file.stat().st_size

    async def kill(self, client: Any) -> int:
        """Kill it, and return how many bytes its file has lost. ``client`` is any that reaches it."""
        os.kill(int((await client.info("server"))["process_id"]), signal.SIGKILL)
        while not self.is_gone():
            await asyncio.sleep(0.01)
        if self._newest() != self._file:
            return 0  # it has written its file anew meanwhile
        lost = self._file.stat().st_size - self._kept
        os.truncate(self._file, self._kept)
        return lost

    def _newest(self) -> Path:
        return max((self.folder / "appendonlydir").glob("*.incr.aof"), key=lambda file: file.stat().st_mtime_ns)
