"""No secret gets into a line of the log, wherever in it it lies, and what a line is searched for by stays."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.redaction import any_of, redacted, scrub

NUMBERS = (
    "199006022397",  # twelve digits
    "19900602-2397",
    "900602-2397",
    "900602+2397",
    "9006022397",
    "190104132386",  # over a hundred
    "701063-2391",  # a coordination number
    "19900602 2397",
    "19900602\u20132397",  # a dash as a word processor writes it
    "\uff11\uff19\uff19\uff10\uff10\uff16\uff10\uff12\uff12\uff13\uff19\uff17",  # wide digits
    "0701740605",
    "070-174 06 05",
    "070.174.06.05",
    "(070) 174 06 05",
    "070/174\u00a006\u00a005",
    "+46701740605",
    "+46 (0)70 174 06 05",
    "0046 70 174 06 05",
    "482915",  # a personal code
    "4 8 2 9 1 5",
)
SECRETS = (
    "password=hunter2hunter2",
    "{'ari_password': 'hunter2 hunter2'}",
    '{"token": "hunter2hunter2"}',
    r"{\"api_key\":\"hunter2hunter2\"}",
    "Authorization: Bearer hunter2hunter2",
    "b'authorization': b'Basic hunter2hunter2'",
    "redis://:hunter2,hunter2@127.0.0.1:6379/0",
    "wss://agent:hunter2hunter2@127.0.0.1",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "around", ["{}", "caller {} hung up", "a={},b", "PJSIP/{}@trunk", "'{}'", "From:\\r\\n{}", "tel{}"]
)
def test_a_number_of_a_person_is_hidden_wherever_it_stands(number: str, around: str) -> None:
    shown = scrub(around.format(number))
    assert number not in shown
    assert not any(character.isdigit() for character in shown)


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_hidden_by_what_stands_before_it(text: str) -> None:
    assert "hunter2" not in scrub(text)


@pytest.mark.parametrize(
    "harmless",
    [
        "con_01j9zq4m8w3y5r7t2v6x8b0d1f",
        "1795345200.17",
        "kc-1795345200.170",
        "port 8000",
        "200 in 12 ms",
        "0.123456789",
        "127.0.0.1:5060",
        "192.168.100.101",
        "Asterisk 22.10.1",
        "2026-11-28T10:06:08.123456+00:00",
        "https://case.systems.example/v1/matters",
        "KC_ARI_PASSWORD is missing",
        "\x000\x00",
    ],
)
def test_our_ids_instants_addresses_and_small_figures_stay(harmless: str) -> None:
    assert scrub(harmless) == harmless


@dataclass(frozen=True)
class Note:
    """Shows itself whole, as the objects of libraries do."""

    inside: Any


class Unspeakable:
    """An object that raises when it is asked what it is."""

    def __repr__(self) -> str:
        raise ValueError("199006022397")


def _of_error(value: Any) -> BaseException:
    return ValueError(value)


HARMLESS = st.none() | st.booleans() | st.integers(-999, 999) | st.sampled_from(["", "a", "queue", "pengarna", "å"])
HOLDERS = st.sampled_from(
    [
        lambda value: [value],
        lambda value: (1, value),
        lambda value: {"who": value},
        lambda value: {str(value): "as a key"},
        lambda value: frozenset([str(value)]),
        lambda value: str(value).encode(),
        lambda value: bytearray(str(value).encode()),
        lambda value: f"in {value!r} and more",
        lambda value: json.dumps({"who": str(value)}, ensure_ascii=False),
        lambda value: Enum("Said", {"WHO": str(value)}).WHO,  # type: ignore[attr-defined]
        Note,
        _of_error,
    ]
)


def _held(value: Any, holders: list[Any]) -> Any:
    for hold in holders:
        value = hold(value)
    return value


@given(
    secret=st.sampled_from([*NUMBERS, "S3cret-of-ours", 199006022397, 9006022397.0, 46701740605, *SECRETS]),
    holders=st.lists(HOLDERS, max_size=5),
    beside=st.dictionaries(st.sampled_from(["contact", "leg", "kind"]), HARMLESS),
)
def test_nothing_that_holds_a_secret_lets_it_out(secret: Any, holders: list[Any], beside: dict[str, Any]) -> None:
    line = redacted(
        {"event": "Said.", **beside, "found": _held(secret, holders)}, secrets=any_of(["S3cret-of-ours", "short"])
    )
    assert {name: line[name] for name in beside} == beside
    written = json.dumps(line, ensure_ascii=False)  # whatever it was, JSON now knows it without asking it what it is
    for hidden in (str(secret).removesuffix(".0"), "hunter2"):
        assert hidden not in written
        assert hidden not in json.loads(written).__repr__()


@given(name=st.sampled_from(["code", "ari_password", "X-Api-Token", "Set-Cookie", "api_tokens", "note"]))
def test_what_is_called_a_secret_is_hidden_at_any_depth_whatever_it_looks_like(name: str) -> None:
    line = redacted({"event": "Said.", name: "kind word", "inside": [{"deep": ({name: ["kind word"]},)}]})
    assert "kind" not in json.dumps(line)


def test_a_line_is_written_whatever_is_put_into_it_and_has_its_bounds() -> None:
    endless: list[Any] = []
    endless.append(endless)
    line = redacted(
        {"event": "Said.", "odd": Unspeakable(), "endless": endless, "many": list(range(10**4)), "long": "a" * 10**6}
    )
    assert line["odd"] == "[Unspeakable]"
    assert len(json.dumps(line)) < 30_000


PROCESS = """
import logging, sys, threading
from app.logs import log_what_ends_the_process, set_up_logs
import structlog

set_up_logs("web", "INFO", secrets=["S3cret-of-ours"])
log_what_ends_the_process()

def fail(text):
    raise ValueError(text) from KeyError("070-174 06 05")

try:
    fail("19900602-2397")
except ValueError as error:
    structlog.get_logger().error("Ours.", exc_info=error, error=error, inside=[{"who": error.args}])
    logging.getLogger("foreign").exception("%s and %r", "+46701740605", {"deep": (b"199006022397", "S3cret-of-ours")})
    logging.getLogger("foreign").error("%d", "199006022397")
thread = threading.Thread(target=fail, args=("900602-2397",))
thread.start()
thread.join()
fail("password=S3cret-of-ours 482915")
"""


def test_a_process_writes_no_secret_whoever_logs_and_however_it_ends() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROCESS],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3], timeout=30,
    )  # fmt: skip
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["event"] for line in lines][0] == "Ours."
    assert [line["level"] for line in lines] == ["error", "error", "error", "error", "critical"]
    assert "ValueError" in lines[-1]["exception"]
    by_chance = r'"timestamp": "[^"]*"|0x[0-9a-f]+'
    said = re.sub(by_chance, "", ended.stderr)
    for hidden in ("2397", "0605", "06 05", "740605", "S3cret", "482915"):
        assert hidden not in said
    assert ended.returncode == 1
