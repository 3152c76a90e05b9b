"""The SQL database: one transaction at a time, committed at the edge, with the facts that it makes true.

SQLite (WAL, ``synchronous=FULL``) by default, PostgreSQL by URL. Rooms declare their tables on
:data:`storage.schema.metadata` in their own ``store.py`` and are handed a :class:`Transaction`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import CursorResult, Executable, event, make_url, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.errors import UnavailableError
from core.events import Event
from storage.group_commit import GroupCommit
from storage.outbox import outbox, write_fact
from storage.server_connections import ServerConnections
from storage.sqlite_connection import SqliteConnection
from storage.sqlite_file import SqliteFile


class DatabaseUnavailableError(UnavailableError):
    """The database does not answer just now."""


class Transaction:
    """One unit of work: what is executed and the facts that are recorded become true together, or not at all."""

    def __init__(self, connection: AsyncConnection, record: "RecordFact") -> None:
        self.connection = connection
        self.recorded: list[tuple[int, Event]] = []
        self._record = record

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement within the transaction."""
        return await self.connection.execute(statement, parameters)

    async def record(self, fact: Event) -> None:
        """Write a fact to the outbox, in this transaction. It is told to others after the commit."""
        self.recorded.append((await self._record(self.connection, fact), fact))


DRIVERS = ("postgresql+psycopg", "sqlite+aiosqlite")


def url_fault(url: str) -> str:
    """Return what the URL of a database must be like when this is none that can be used, else nothing. The URL, which
    may hold a password, is not repeated."""
    try:
        known = make_url(url).drivername in DRIVERS
    except (ArgumentError, ValueError):  # SQLAlchemy raises ValueError for a port that is no number
        known = False
    return "" if known else f"must begin with {' or '.join(f'{driver}://' for driver in DRIVERS)}"


RecordFact = Callable[[AsyncConnection, Event], Any]
CommitListener = Callable[[Sequence[tuple[int, Event]]], None]


class Database:
    """Connections to the SQL database.

    ``transaction`` writes (on SQLite it takes the write lock at once, so that it cannot fail half-way), ``reading``
    only reads. On PostgreSQL there are ``pool_size`` connections, and ``most_extra`` more while many are needed: all
    processes together must stay below the server's limit. Neither is ever held open over a call to a provider or a switch.
    ``together`` commits short works that come in the same moment in one transaction.
    """

    def __init__(self, url: str, *, statement_seconds: float = 2.0, pool_size: int = 5, most_extra: int = 10) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._file = SqliteFile(make_url(url).database or "") if self.is_sqlite else None
        self._server = ServerConnections()
        self.engine = (
            _sqlite_engine(url, self._file, statement_seconds, pool_size)
            if self._file
            else _server_engine(url, self._server, statement_seconds, pool_size, most_extra)
        )
        self._listeners: list[CommitListener] = []
        self._writer: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None
        self.together = GroupCommit(self)

    def on_commit(self, listener: CommitListener) -> None:
        """Have ``listener`` told of the facts of each committed transaction: pairs of outbox number and fact."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def transaction(self, *, short: bool = False) -> AsyncIterator[Transaction]:
        """Open a transaction that commits when the block ends and rolls back when it raises.

        ``short`` is for statements that each find their few rows by a key, and for nothing that computes or waits: on
        SQLite they run where they are asked, without the way to a thread and back.
        """
        async with self._writer or nullcontext(), _our_errors(), self.engine.connect() as connection:
            await connection.execution_options(kc_write=True, kc_short=short)
            async with connection.begin():
                transaction = Transaction(connection, write_fact)
                yield transaction
        if transaction.recorded:
            for listener in self._listeners:
                listener(transaction.recorded)

    @asynccontextmanager
    async def reading(self, *, short: bool = False) -> AsyncIterator[Transaction]:
        """Open a transaction that only reads: one consistent picture, which never waits for a writer.

        ``short`` is as in :meth:`transaction`.
        """
        async with _our_errors(), self.engine.connect() as connection:
            if short:
                await connection.execution_options(kc_short=True)
            async with connection.begin():
                yield Transaction(connection, _refuse)

    async def ping(self) -> None:
        """Ask whether facts could be written just now, without writing one; raises :class:`DatabaseUnavailableError`."""
        try:
            async with self.transaction() as tx:
                await tx.execute(select(outbox.c.number).limit(1))
        except DBAPIError as error:  # it answers, but has not got our tables
            raise DatabaseUnavailableError(type(error).__name__) from error

    async def close(self) -> None:
        """Let go of every connection, and wait until each is gone."""
        await self.engine.dispose()
        await (self._file or self._server).close()


async def _refuse(connection: AsyncConnection, fact: Event) -> int:
    raise RuntimeError(f"{type(fact).__name__} was recorded in a transaction that only reads")


@asynccontextmanager
async def _our_errors() -> AsyncIterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeoutError, ConnectionError) as error:
        raise DatabaseUnavailableError(type(error).__name__) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailableError(type(error).__name__) from error
        raise


def _sqlite_engine(url: str, file: SqliteFile, statement_seconds: float, pool_size: int) -> AsyncEngine:
    engine = file.engine(url, statement_seconds=statement_seconds, pool_size=pool_size)
    _tune_sqlite(engine, int(statement_seconds * 1000))
    return engine


def _server_engine(
    url: str, server: ServerConnections, statement_seconds: float, pool_size: int, most_extra: int
) -> AsyncEngine:
    options = f"-c statement_timeout={int(statement_seconds * 1000)} -c timezone=UTC"
    return server.engine(
        url,
        connect_args={"options": options, "connect_timeout": 3},
        pool_size=pool_size,
        max_overflow=most_extra,
        pool_timeout=2,
    )


def _tune_sqlite(engine: AsyncEngine, busy_milliseconds: int) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={busy_milliseconds}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        options, driver = connection.get_execution_options(), connection.connection.driver_connection
        writes, short = bool(options.get("kc_write")), bool(options.get("kc_short"))
        if isinstance(driver, SqliteConnection):
            driver.only_reads, driver.in_place = not writes, short and not writes
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        if isinstance(driver, SqliteConnection):
            driver.in_place = short
