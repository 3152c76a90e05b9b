"""Commits what several ask for at the same moment in one transaction: a disk that must confirm each commit is the
slowest part of a busy minute, and calls that arrive together may be confirmed together.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from storage.database import Database, Transaction

_MOST = 64
_T = TypeVar("_T")
Work = Callable[[Transaction], Awaitable[Any]]


class GroupCommit:
    """Runs short works one after the other in as few transactions as there is time for.

    Each work sees what the ones before it wrote. It returns when its transaction is committed. When one fails, the
    whole is rolled back and each is run again alone, so a work must do nothing but read and write in its transaction, and
    only a few rows that it finds by a key (:meth:`Database.transaction`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def run(self, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """Run a work and return its result after the commit; raises what it raises."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return await done

    async def _commit_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Work, asyncio.Future[Any]]]) -> None:
        try:
            async with self._database.transaction(short=True) as tx:
                results = [await work(tx) for work, _ in batch]
        except Exception as error:
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)
