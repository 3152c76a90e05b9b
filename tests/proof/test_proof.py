"""The same rules as elsewhere, over real processes that are killed, stopped and stalled. ``make soak`` is the long one."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.proof.run import prove
from tests.proof.scale import SHORT

SEEDS = tuple(int(seed) for seed in os.environ.get("KC_PROOF_SEED", "1,2,3").split(","))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_offered_twice_lost_or_passed_whatever_is_killed_stopped_or_emptied(
    postgresql_url: str, tmp_path: Path, seed: int
) -> None:
    result = await prove(SHORT, seed=seed, sql=await _database(postgresql_url), folder=tmp_path)
    assert not result.violations, str(result)
    assert not result.shortfalls(SHORT), str(result)


async def _database(url: str) -> str:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("DROP DATABASE IF EXISTS kc_proof WITH (FORCE)"))
        await connection.execute(text("CREATE DATABASE kc_proof"))
        await connection.execute(text("ALTER DATABASE kc_proof SET synchronous_commit = off"))
    await engine.dispose()
    return url.replace("/postgres?", "/kc_proof?") if "/postgres?" in url else url.rsplit("/", 1)[0] + "/kc_proof"
