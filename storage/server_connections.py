"""Our connections to a database server, PostgreSQL.

A pool that is disposed of forgets the connections in use, and one whose user is cancelled in the middle of its very first
connection forgets that. So whoever closes the database closes each, and from then on none is opened.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_CLOSED = "the database is closed"


class ServerConnections:
    """Makes connections to one server, and keeps hold of each until it is closed."""

    def __init__(self) -> None:
        self._open: set[Any] = set()
        self._is_closed = False

    def engine(self, url: str, *, connect_args: dict[str, Any], **options: Any) -> AsyncEngine:
        """Return an engine of these connections; options as of ``create_async_engine``."""
        arguments = {**connect_args, "async_creator_fn": self._connect}
        engine = create_async_engine(url, connect_args=arguments, **options)
        event.listen(engine.sync_engine.pool, "close", self._closed)
        return engine

    async def close(self) -> None:
        """Close every connection that somebody still has in hand."""
        self._is_closed = True
        for connection in tuple(self._open):
            await connection.close()
        self._open.clear()

    async def _connect(self, *arguments: Any, **options: Any) -> Any:
        from psycopg import AsyncConnection  # an extra: SQLite needs no server

        if self._is_closed:
            raise ConnectionError(_CLOSED)
        connection = await AsyncConnection.connect(*arguments, **options)
        if self._is_closed:  # meanwhile
            await connection.close()
            raise ConnectionError(_CLOSED)
        self._open.add(connection)
        return connection

    def _closed(self, connection: Any, _entry: Any) -> None:
        self._open.discard(connection.driver_connection)
