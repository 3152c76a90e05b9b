"""Commits what several ask for at the same moment in one transaction: a disk that must confirm each commit is the
slowest part of a busy minute, and calls that arrive together may be confirmed together.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import UnavailableError

if TYPE_CHECKING:
    from storage.database import Database, Transaction

_MOST, _SECONDS = 64, 0.05
"""So many works at most, and no more after so long: meanwhile nothing else runs in this process (``short``)."""

_T = TypeVar("_T")
Work = Callable[["Transaction"], Awaitable[Any]]


class GroupCommit:
    """Runs short works one after the other in as few transactions as there is time for.

    Each work sees what the ones before it wrote. It returns when its transaction is committed. When one fails, the
    whole is rolled back and each is run again alone, so a work must do nothing but read and write in its transaction, and
    only a few rows that it finds by a key (:meth:`Database.transaction`). A database that does not answer then either is
    not asked once more for each of them: all are told so. One group serves a whole process, as ``Database.together``: two
    could wait for each other's rows.
    """

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def run(self, work: Callable[["Transaction"], Awaitable[_T]]) -> _T:
        """Run a work and return its result after the commit; raises what it raises."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return await done

    async def _commit_all(self) -> None:
        batch: list[tuple[Work, asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                self._waiting = [*await self._commit(batch), *self._waiting]
        except BaseException as error:  # this process ends: nobody is to wait for what will not come
            left, self._waiting = [*batch, *self._waiting], []
            _fail(left, error)
            raise

    async def _commit(self, batch: list[tuple[Work, asyncio.Future[Any]]]) -> list[tuple[Work, asyncio.Future[Any]]]:
        """Commit these and tell their results; return those for which there was no time."""
        results, now = list[Any](), asyncio.get_running_loop().time
        try:
            async with self._database.transaction(short=True) as tx:
                until = now() + _SECONDS
                for work, _ in batch:
                    results.append(await work(tx))
                    if now() > until:
                        break
        except Exception as error:
            await self._commit_each(batch, error)
            return []
        for (_, done), result in zip(batch, results, strict=False):
            if not done.done():
                done.set_result(result)
        return batch[len(results) :]

    async def _commit_each(self, batch: list[tuple[Work, asyncio.Future[Any]]], error: Exception) -> None:
        if len(batch) == 1:
            _fail(batch, error)
        for place, one in enumerate(batch if len(batch) > 1 else ()):
            await self._commit([one])
            if isinstance(again := _error_of(one), UnavailableError):
                return _fail(batch[place + 1 :], again)


def _fail(batch: list[tuple[Work, asyncio.Future[Any]]], error: BaseException) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)


def _error_of(one: tuple[Work, asyncio.Future[Any]]) -> BaseException | None:
    done = one[1]
    return None if done.cancelled() else done.exception()
