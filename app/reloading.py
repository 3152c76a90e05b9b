"""Takes up what an operator has changed, while calls go on: all of it together, or nothing of it.

Each process looks for itself, every second, and at once on SIGHUP. A folder in which somebody still writes is left
alone until it has been quiet for a second. Something that cannot be used is told of, and what was in use stays.
"""

import asyncio
import contextlib
import json
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from redis.asyncio import Redis

from app.configuration import FOLDERS, SINGLE_FILES, Configuration, Texts, configured, read_texts, version_of
from app.flow_surroundings import refuse_traps
from app.last_good import fitted, keep
from core.errors import ConfigurationError, KundcenterError
from storage.redis import our_errors

if TYPE_CHECKING:
    from app.wiring import Rooms

Marks = Mapping[str, tuple[int, int, int]]
Step = Callable[[Configuration], Awaitable[object]]

IN_USE = "kc:configuration:"
"""What each process has in use, as JSON under its name, for ``doctor``."""

_LOOK_EVERY_SECONDS = 1.0
_FRESH_SECONDS = 20

log = structlog.get_logger()


@dataclass(frozen=True)
class InUse:
    """What a process goes by, and what is wrong with what it does not take up."""

    version: str
    faults: tuple[str, ...] = ()

    @property
    def is_refusing(self) -> bool:
        """Whether the folder says something that cannot be used."""
        return bool(self.faults)


class Reloader:
    """Watches the folder for one process. ``prepare`` runs before a change counts, ``follow`` after it does."""

    def __init__(self, rooms: "Rooms", *, prepare: Sequence[Step] = (), follow: Sequence[Step] = ()) -> None:
        self._rooms = rooms
        self._folder = rooms.settings.config_dir
        self._prepare = prepare
        self._follow = follow
        self._seen: Marks = {}
        self._taken: Marks = {}
        self._refused = ""
        self._to_follow: list[tuple[Step, Configuration]] = []
        self._hurry = asyncio.Event()
        self.in_use = InUse(rooms.configuration.version)

    async def run(self) -> None:
        """Look again and again, for as long as the process lives."""
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hurry.set)
        failing = ""
        while True:
            hurried = self._hurry.is_set()
            self._hurry.clear()
            try:
                await self.look(at_once=hurried)
                failing = ""
            except Exception as error:
                if failing != (failing := type(error).__name__):
                    log.warning("a changed configuration could not be taken up, and will be", exc_info=error)
            with contextlib.suppress(KundcenterError):  # without the live store nobody can ask
                await self._publish()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), _LOOK_EVERY_SECONDS)

    async def look(self, *, at_once: bool = False) -> None:
        """Take up what has changed and has been quiet since the last look; ``at_once`` does not wait for quiet.

        What fails on the way (a store that is away) is done again at the next look.
        """
        await self._follow_up()
        marks = await asyncio.to_thread(marks_of, self._folder)
        quiet, self._seen = marks == self._seen or at_once, marks
        if marks == self._taken or not quiet:
            return
        texts = await asyncio.to_thread(read_texts, self._folder)
        version = version_of(texts)
        if version == self._rooms.configuration.version and not self._rooms.configuration.is_fallback:
            self._accepted(version)
            await asyncio.to_thread(keep, self._rooms.settings.state_dir, texts)
        elif version != self._refused or at_once:
            await self._take(texts, version)
        self._taken = marks
        await self._follow_up()

    async def _take(self, texts: Texts, version: str) -> None:
        try:
            new = await asyncio.to_thread(self._checked, texts)
        except ConfigurationError as error:
            self._refused = version
            self.in_use = InUse(self._rooms.configuration.version, error.faults)
            self._rooms.figures.configuration_in_use(self.in_use.version, refused=True)
            log.error("a changed configuration is refused; what was in use stays", faults=error.faults)
            return
        for step in self._prepare:
            await step(new)
        self._rooms.renew(new)  # no await in it: nobody sees a half of it
        self._accepted(version)
        log.info("a changed configuration is in use", version=version)
        self._to_follow = [(step, new) for step in self._follow]
        await asyncio.to_thread(keep, self._rooms.settings.state_dir, texts)

    async def _follow_up(self) -> None:
        while self._to_follow:
            step, new = self._to_follow[0]
            await step(new)
            self._to_follow = self._to_follow[1:]

    def _checked(self, texts: Texts) -> Configuration:
        new = configured(texts)
        refuse_traps(new, self._folder)
        return fitted(self._rooms.settings, new)

    def _accepted(self, version: str) -> None:
        self._refused = ""
        self.in_use = InUse(version)
        self._rooms.figures.configuration_in_use(version, refused=False)

    async def _publish(self) -> None:
        words = {"version": self.in_use.version, "faults": self.in_use.faults}
        async with our_errors():
            await self._rooms.redis.set(IN_USE + self._rooms.process_id, json.dumps(words), ex=_FRESH_SECONDS)


def marks_of(folder: Path) -> Marks:
    """Return by what one sees that a file has been changed: for each, when, how long it is, and which it is."""
    paths = [*(folder / name for name in SINGLE_FILES)]
    paths += [path for name in FOLDERS for path in sorted((folder / name).glob("*.yaml"))]
    marks = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found = path.stat()
            marks[path.relative_to(folder).as_posix()] = (found.st_mtime_ns, found.st_size, found.st_ino)
    return marks


async def in_use_everywhere(redis: Redis) -> dict[str, InUse]:
    """Return what each process that lives has in use, by its name."""
    async with our_errors():
        keys = sorted([str(key) async for key in redis.scan_iter(f"{IN_USE}*")])
        found = await redis.mget(keys) if keys else []
    told = {key.removeprefix(IN_USE): json.loads(text) for key, text in zip(keys, found, strict=True) if text}
    return {name: InUse(words["version"], tuple(words["faults"])) for name, words in told.items()}
