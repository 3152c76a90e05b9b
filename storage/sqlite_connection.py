"""A connection to SQLite that asks its thread once a statement, or not at all.

aiosqlite hands every step to the thread of its connection: the cursor, the statement, its rows, the cursor's end. Each
way there and back costs several times what the statement itself does. So a statement and its rows are one step here.

In a *short* transaction, the statements between ``BEGIN`` and ``COMMIT`` run where they are asked: the lock is held by
then, and none of them waits for anybody. What waits, for the lock and for the disk, is still the thread's. One that only
reads waits for neither (with a write-ahead log a reader waits for no writer), and is in place as a whole.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar

import aiosqlite

_AT_ONCE = 256
"""So many rows are fetched together with the statement; the rest of a longer answer when it is asked for."""

_T = TypeVar("_T")


class SqliteConnection(aiosqlite.Connection):
    """What SQLAlchemy's dialect drives. ``in_place`` is whether statements run where they are asked.

    ``only_reads`` is whether the transaction writes nothing, so that its end has nothing to wait for either.
    """

    in_place = False
    only_reads = False
    _interrupted = False

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        """Return a cursor; the thread hears of it with its first statement."""
        return _Cursor(self)

    async def commit(self) -> None:
        """Commit, in the thread: the disk must confirm it, unless nothing was written."""
        if not self._let_go_in_place():
            await super().commit()

    async def rollback(self) -> None:
        """Roll back; with nothing to roll back the thread is not asked."""
        if not self._let_go_in_place() and (self._interrupted or self._conn.in_transaction):
            await super().rollback()

    def _let_go_in_place(self) -> bool:
        """End a transaction that has run in place and only read; ``False`` when it was another."""
        whole, self.in_place = self.in_place and self.only_reads, False
        if whole:
            self._conn.rollback()
        return whole

    async def do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Have work done, in the thread or in place."""
        if self.in_place:
            return work(self._conn)
        try:
            done: _T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            self._interrupted = True  # the thread may still begin a transaction
            raise
        return done


class _Cursor:
    """The part of a cursor that the dialect uses."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._rest: sqlite3.Cursor | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        """Run a statement and fetch its first rows."""
        return await self._connection.do(lambda real: self._run(real.cursor().execute(sql, tuple(parameters))))

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Run a statement once for each of these."""
        return await self._connection.do(lambda real: self._run(real.cursor().executemany(sql, parameters)))

    async def fetchone(self) -> Any:
        """Return the next row, or ``None``."""
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows."""
        wanted = size or self.arraysize
        if len(self._rows) < wanted and (rest := self._rest) is not None:
            missing = wanted - len(self._rows)
            self._rows += await self._connection.do(lambda _: rest.fetchmany(missing))
        taken, self._rows = self._rows[:wanted], self._rows[wanted:]
        return taken

    async def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        if (rest := self._rest) is not None:
            self._rows += await self._connection.do(lambda _: rest.fetchall())
        taken, self._rows = self._rows, []
        return taken

    async def close(self) -> None:
        """Let go of the statement, where it was not read to its end."""
        rest, self._rest = self._rest, None
        if rest is not None:
            await self._connection.do(lambda _: rest.close())

    def _run(self, ran: sqlite3.Cursor) -> Self:
        self.description, self.rowcount, self.lastrowid = ran.description, ran.rowcount, ran.lastrowid
        self._rows = ran.fetchmany(_AT_ONCE) if ran.description else []
        if len(self._rows) < _AT_ONCE:
            ran.close()  # in the thread that ran it, and before the same statement is used again
        else:
            self._rest = ran
        return self
