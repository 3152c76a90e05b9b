"""After all stories (this file is the last of them): nothing secret in any log, store or figure, and the books balance."""

import re
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from storage.redis import blocking
from tests import log_lines
from tests.fixtures_running import both_switches_and_stores
from tests.journeys.callers import ELSEWHERE, FIRST_NUMBER
from tests.journeys.test_talking_to_an_agent import NILS, NILS_CODE
from tests.journeys.world import World
from tests.running import PROCESSES, System

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


GAP, GAP_IN_A_CODE = "[ .()/-]{0,2}", "[ ()/-]{0,2}"
"""What may stand between digits; a full stop in the few of a code is more often that of a fraction."""
SPOKEN = ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio")

MEANT_FOR_SECRETS = ("secrets", "demo-codes")
"""What below the folder of state is there to hold what must be nowhere else."""

FILES_MEANT_FOR_NUMBERS = {"asterisk/etc/pjsip.conf"}
"""The demonstration's own telephones show their numbers."""


def canaries(system: System) -> dict[str, re.Pattern[str]]:
    """Return what must not be found: a name that may be shown, and the pattern."""
    keyed = {digits for digits in system.secrets_keyed if len(digits) >= 6 and digits not in PHONES}
    keyed |= {digits[2:] for digits in keyed if len(digits) == 12}
    found = {f"{len(digits)} digits that begin with {digits[:3]}": _alone(digits) for digits in keyed}
    return found | {f"the telephone …{phone[-2:]}": _alone(phone[1:], f"(?:0|46)?{GAP}") for phone in PHONES}


def _alone(digits: str, before: str = "") -> re.Pattern[str]:
    """Match these digits, however they are grouped, where they are not part of a longer number, a fraction or an id; and
    as they are spoken."""
    gap = GAP if len(digits) > 6 else GAP_IN_A_CODE
    spoken = "[ ,]{1,2}".join(SPOKEN[int(digit)] for digit in digits)
    return re.compile(rf"(?<![0-9a-z.]){before}{gap.join(digits)}(?![0-9a-z])|{spoken}", re.IGNORECASE)


def found_in(texts: Iterable[tuple[str, str]], patterns: dict[str, re.Pattern[str]]) -> list[str]:
    return [
        f"{place}: {name}: …{text[max(0, hit.start() - 60) : hit.start()]}"
        for place, text in texts
        for name, pattern in patterns.items()
        if (hit := pattern.search(text)) is not None
    ]


def files_below(folder: Path) -> Iterator[tuple[str, str]]:
    """Return each file's name and bytes, and its name once more as a text: that, too, could hold something."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield name, name
        if path.is_file():
            bytes_ = path.read_bytes()
            yield name, bytes_.decode("latin-1")
            if not bytes_.isascii():
                yield name, bytes_.decode("utf-8", "replace")


def everything_written(system: System) -> list[tuple[str, str]]:
    """Return all that a system has left in files, without those for secrets and the books; what it said itself, too."""
    below = [
        (name, text)
        for name, text in files_below(system.state)
        if name.partition("/")[0] not in MEANT_FOR_SECRETS and not name.startswith(system.database.name)
    ]
    return [*below, (system.output.name, system.output.read_text("utf-8", "replace"))]


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
    for table in tables_of(system):
        for row in system.rows(f'SELECT * FROM "{table}"'):
            yield from ((f"{table}.{column}", str(value)) for column, value in row.items())


def tables_of(system: System) -> list[str]:
    if system.database_url.startswith("postgresql"):
        names = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    else:
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    tables = [str(row["name"]) for row in system.rows(names)]
    assert {"contacts", "callbacks", "outbox"} <= set(tables), tables
    return tables


@pytest.mark.parametrize(
    "written", ["900602-2397", "9006022397", "900602 2397", "(900602)/2397", '"9.0.0.6.0.2.2.3.9.7"']
)
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    assert found_in([("a line", f"keyed {written}, and so on")], {"it": _alone("9006022397")})


def test_a_longer_number_a_fraction_and_an_id_are_not_taken_for_it() -> None:
    assert not found_in(
        [("a line", "19006022397 90060223971 0.9006022397 con_k9006022397")], {"it": _alone("9006022397")}
    )


@pytest.mark.parametrize(
    "written",
    [
        "0701740605",
        "070-174 06 05",
        "+46 70 174 06 05",
        "46701740605",
        "Noll sju noll, ett sju fyra, noll sex, noll fem",
    ],
)
def test_a_telephone_is_found_however_it_is_written_and_spoken(written: str) -> None:
    assert found_in([("a line", f"said {written}.")], {"it": _alone("701740605", f"(?:0|46)?{GAP}")})


@both_switches_and_stores
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


@both_switches_and_stores
async def test_no_log_and_no_file_holds_a_personnummer_a_code_or_a_whole_phone_number(system: System) -> None:
    files = everything_written(system)
    names = {name for name, _text in files}
    assert {"run.log", *(f"logs/{name}.log" for name in PROCESSES)} <= names
    assert system.kind == "simulator" or {"asterisk/log/messages.log", "asterisk/lib/astdb.sqlite3"} <= names
    patterns = canaries(system)
    assert found_in([one for one in files if one[0] not in FILES_MEANT_FOR_NUMBERS], patterns) == []
    assert found_in(files, {name: one for name, one in patterns.items() if "telephone" not in name}) == []


@both_switches_and_stores
async def test_every_line_about_a_call_tells_whose_call_it_is(system: System) -> None:
    messages = {one.message for one in log_lines.of_calls()}
    lines = [
        line
        for line in system.log_lines()
        if line.get("event") in messages or str(line.get("fact", "")).startswith(("Leg", "Call", "Talk"))
    ]
    assert any(line.get("contact") for line in lines)
    assert [line for line in lines if not any(line.get(name) for name in log_lines.IDS)] == []


@both_switches_and_stores
async def test_the_live_store_holds_none(system: System) -> None:
    redis = blocking(system.redis_url)
    try:
        assert found_in(await everything_in(redis), canaries(system)) == []
    finally:
        await redis.aclose()


@both_switches_and_stores
async def test_the_figures_hold_none(system: System) -> None:
    with urllib.request.urlopen(f"{system.url}/metrics", timeout=5) as answer:
        figures = answer.read().decode()
    assert figures
    assert found_in([("/metrics", figures)], canaries(system)) == []


@both_switches_and_stores
async def test_the_database_holds_phone_numbers_where_they_are_meant_to_be_and_no_digits_keyed_in(
    system: System,
) -> None:
    patterns = canaries(system)
    texts = [(place, text) for place, text in columns_of(system) if place not in MEANT_FOR_NUMBERS]
    assert found_in(texts, patterns) == []
    keyed = {name: pattern for name, pattern in patterns.items() if "telephone" not in name}
    raw = [(name, text) for name, text in files_below(system.state) if name.startswith(system.database.name)]
    assert raw or system.database_url.startswith("postgresql")
    assert found_in(raw, keyed) == []


@both_switches_and_stores
async def test_the_books_of_all_stories_balance(system: System) -> None:
    assert await system.ledger_faults() == []
