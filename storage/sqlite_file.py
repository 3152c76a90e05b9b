"""The one file of an SQLite database, and our connections to it.

SQLite goes on with a file that was moved away or replaced under it, and what it then writes is lost (sqlite.org,
"How to corrupt", 4.2). So a connection is used only while the file that was opened first stands under its name: for
another file the process has to be started anew.

Each connection has a thread of its own (aiosqlite), which ends a little later than the connection does, above all when
whoever used it was cancelled; and a pool that is disposed of forgets the connections that are in use. So whoever closes
the database closes each, and waits for all threads: one that ends later speaks to a loop that is gone. From then on
none is opened: whoever still runs is told so.
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.sqlite_connection import SqliteConnection

_GONE = "the file of the database was moved away or replaced"
_CLOSED = "the database is closed"
_THREAD_SECONDS = 5.0
_File = tuple[int, int]


class SqliteFile:
    """Makes connections to one file: the one that stood under its name, or was made, at the first of them."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._ours: _File | None = None
        self._is_closed = False
        self._connections: WeakSet[SqliteConnection] = WeakSet()
        self._threads: WeakSet[threading.Thread] = WeakSet()

    def engine(self, url: str, *, statement_seconds: float, pool_size: int) -> AsyncEngine:
        """Return an engine of these connections."""
        arguments = {"timeout": statement_seconds, "async_creator_fn": self._connect}
        engine = create_async_engine(url, connect_args=arguments, pool_size=pool_size)
        event.listen(engine.sync_engine, "connect", self._opened)
        event.listen(engine.sync_engine, "checkout", self._taken)
        return engine

    async def close(self) -> None:
        """Close every connection, those also that somebody still has in hand, and wait for its thread; at most 5 s each."""
        self._is_closed = True
        for connection in tuple(self._connections):
            with contextlib.suppress(sqlite3.Error, ValueError):  # it is being closed already
                await connection.close()
        for thread in tuple(self._threads):
            if thread.ident is not None:
                await asyncio.to_thread(thread.join, _THREAD_SECONDS)

    async def _connect(self, *arguments: Any, **options: Any) -> SqliteConnection:
        if self._is_closed or self._is_gone():
            raise sqlite3.OperationalError(_CLOSED if self._is_closed else _GONE)
        connection = SqliteConnection(lambda: sqlite3.connect(*arguments, **options), iter_chunk_size=64)
        connection._thread.daemon = True  # as SQLAlchemy itself does: a thread must not hold up the end of a process
        self._connections.add(connection)
        self._threads.add(connection._thread)
        await connection
        if self._is_closed:  # meanwhile
            await connection.close()
            raise sqlite3.OperationalError(_CLOSED)
        return connection

    def _opened(self, _connection: Any, _entry: Any) -> None:
        self._ours = self._ours or self._file()

    def _taken(self, _connection: Any, _entry: Any, _taken: Any) -> None:
        if self._is_gone():
            raise DisconnectionError(_GONE)

    def _is_gone(self) -> bool:
        return self._ours is not None and self._file() != self._ours

    def _file(self) -> _File | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino
