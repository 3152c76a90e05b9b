"""After all stories (this file is the last of them): nothing secret in any log, store or figure, and the books balance."""

import re
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

from redis.asyncio import Redis

from storage.redis import blocking
from tests import log_lines
from tests.fixtures_running import both_switches
from tests.journeys.callers import ELSEWHERE, FIRST_NUMBER
from tests.journeys.test_talking_to_an_agent import NILS, NILS_CODE
from tests.journeys.world import World
from tests.running import System

PHONES = [f"0{FIRST_NUMBER + number}" for number in range(8)] + [ELSEWHERE]
MEANT_FOR_NUMBERS = {
    "contacts.caller",
    "callbacks.number",
    "kept_places.number",
    "identity_bindings.number",
    "sms_messages.number",
    "sms_received.number",
    "sms_written_contacts.number",
    "sms_opt_outs.number",
    "sms_handsets.number",
}
"""Columns that hold phone numbers, because somebody is to be rung, written to or recognised by them."""


def canaries(system: System) -> dict[str, re.Pattern[str]]:
    """Return what must not be found: a name that may be shown, and the pattern."""
    keyed = {digits for digits in system.secrets_keyed if len(digits) >= 6 and digits not in PHONES}
    keyed |= {digits[2:] for digits in keyed if len(digits) == 12}
    found = {f"{len(digits)} digits that begin with {digits[:3]}": _alone(digits) for digits in keyed}
    return found | {f"the telephone …{phone[-2:]}": _alone(phone[1:], "(?:0|46)?") for phone in PHONES}


def _alone(digits: str, before: str = "") -> re.Pattern[str]:
    """Match these digits where they are not part of a longer number, a fraction or an id."""
    return re.compile(rf"(?<![0-9a-z.]){before}{digits}(?![0-9a-z])")


def found_in(texts: Iterable[tuple[str, str]], patterns: dict[str, re.Pattern[str]]) -> list[str]:
    return [
        f"{place}: {name}: …{text[max(0, hit.start() - 60) : hit.start()]}"
        for place, text in texts
        for name, pattern in patterns.items()
        if (hit := pattern.search(text)) is not None
    ]


def files_below(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes().decode("latin-1")


async def everything_in(redis: Redis) -> list[tuple[str, str]]:
    readers = {
        "string": redis.get,
        "hash": redis.hgetall,
        "set": redis.smembers,
        "list": lambda key: redis.lrange(key, 0, -1),
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        "stream": redis.xrange,
    }
    return [(f"Redis {key}", f"{key} {await readers[await redis.type(key)](key)}") async for key in redis.scan_iter()]


def columns_of(system: System) -> Iterator[tuple[str, str]]:
    for table in system.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in system.rows(f"SELECT * FROM {table['name']}"):
            yield from ((f"{table['name']}.{column}", str(value)) for column, value in row.items())


@both_switches
async def test_a_story_for_this_search_to_find_something_of(world: World) -> None:
    caller = world.caller()
    await caller.call()
    await caller.hears("Vill du veta när pengarna kommer? Tryck")
    await caller.press("1")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(NILS)
    await caller.hears("Tryck in din personliga kod")
    await caller.press(NILS_CODE)
    await caller.hears("Din nästa utbetalning")
    await caller.hang_up()
    assert await caller.outcome() in ("self_served", "abandoned")


@both_switches
async def test_no_log_holds_a_personnummer_a_code_or_a_whole_phone_number(system: System) -> None:
    logs = [(path.name, path.read_text("utf-8", "replace")) for path in (system.state / "logs").glob("*.log")]
    logs += list(files_below(system.state / "asterisk" / "log"))
    assert len(logs) >= 4
    assert found_in(logs, canaries(system)) == []


@both_switches
async def test_every_line_about_a_call_tells_whose_call_it_is(system: System) -> None:
    messages = {one.message for one in log_lines.of_calls()}
    lines = [
        line
        for line in system.log_lines()
        if line.get("event") in messages or str(line.get("fact", "")).startswith(("Leg", "Call", "Talk"))
    ]
    assert any(line.get("contact") for line in lines)
    assert [line for line in lines if not any(line.get(name) for name in log_lines.IDS)] == []


@both_switches
async def test_the_live_store_and_its_files_hold_none(system: System) -> None:
    redis = blocking(system.redis_url)
    try:
        assert found_in(await everything_in(redis), canaries(system)) == []
    finally:
        await redis.aclose()
    assert found_in(files_below(system.state / "live"), canaries(system)) == []


@both_switches
async def test_the_figures_hold_none(system: System) -> None:
    with urllib.request.urlopen(f"{system.url}/metrics", timeout=5) as answer:
        figures = answer.read().decode()
    assert figures
    assert found_in([("/metrics", figures)], canaries(system)) == []


@both_switches
async def test_the_database_holds_phone_numbers_where_they_are_meant_to_be_and_no_digits_keyed_in(
    system: System,
) -> None:
    patterns = canaries(system)
    texts = [(place, text) for place, text in columns_of(system) if place not in MEANT_FOR_NUMBERS]
    assert found_in(texts, patterns) == []
    keyed = {name: pattern for name, pattern in patterns.items() if "telephone" not in name}
    raw = [(path.name, path.read_bytes().decode("latin-1")) for path in system.state.glob("kundcenter.db*")]
    assert found_in(raw, keyed) == []


@both_switches
async def test_the_books_of_all_stories_balance(system: System) -> None:
    assert await system.ledger_faults() == []
