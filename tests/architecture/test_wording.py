"""What citizens and agents hear or read never sends anybody away, never blames, and says the same in each language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.architecture.tree import ROOT, files, named

SENT_AWAY = re.compile(
    r"(ring|återkom|försök|prova|pröva|kontakta oss|hör av dig)\s+(gärna\s+)?(igen\s+)?(senare|en annan (dag|gång)|vid ett annat tillfälle)"
    r"|(call|try|contact us|come back)\s+(back\s+|again\s+)?(later|another (day|time))"
    r"|många som ringer just nu.{0,40}(senare|avslutas)|samtalet (kommer att )?(avslutas|kopplas ned)",
    re.IGNORECASE,
)
"""N5: "call later" as an answer, and calls that end by themselves."""

BLAMED = re.compile(
    r"\bdu har (gjort fel|angett fel|tryckt fel|slagit fel|missat|glömt|inte svarat|skrivit fel)|\bogiltigt?\b|\bfelaktigt?\b"
    r"|\byou (made a mistake|entered (a wrong|the wrong)|forgot|failed)|\binvalid\b",
    re.IGNORECASE,
)
"""N11: it is never the caller who did wrong."""


THE_SWITCHS_OWN = ROOT / "deploy/asterisk/prompts.toml"
SAID_IN = (
    ("config/wording", ".yaml"),
    ("config/flows", ".yaml"),
    ("citizen_pages", ".html"),
    ("callbacks/api", ".toml", ".html"),
    ("meetings/api", ".toml", ".html"),
    ("meetings/words", ".toml"),
    ("dashboard/web/src", ".vue", ".ts"),
    # what the switch says by itself, when nobody steers the calls
    ("deploy/asterisk", ".j2"),
    ("deploy/asterisk", ".toml"),
)


def spoken() -> Iterator[Path]:
    for folder, *suffixes in SAID_IN:
        yield from files(folder, *suffixes)
    yield ROOT / "config/sms.yaml"


@pytest.mark.parametrize("place", SAID_IN, ids=" ".join)
def test_there_is_something_to_read_in_every_place(place: tuple[str, ...]) -> None:
    folder, *suffixes = place
    read = {file.suffix: file for file in files(folder, *suffixes) if any(lines_heard(file))}
    assert set(read) == set(suffixes)


def lines_heard(file: Path) -> list[str]:
    return [
        line
        for line in file.read_text("utf-8").splitlines()
        if not line.lstrip().startswith(("#", ";", "//", "*", "{#"))
    ]


@pytest.mark.parametrize(
    "sentence", ["Var vänlig ring igen senare.", "Försök igen senare", "Please call back later", "Try again later."]
)
def test_the_net_catches_being_sent_away(sentence: str) -> None:
    assert SENT_AWAY.search(sentence)


@pytest.mark.parametrize(
    "sentence", ["Vi provar en gång till.", "Vi ringer upp dig senare i dag.", "Vi kan tyvärr inte se det just nu."]
)
def test_the_net_lets_kind_sentences_through(sentence: str) -> None:
    assert not SENT_AWAY.search(sentence)
    assert not BLAMED.search(sentence)


def test_nobody_is_told_to_call_later() -> None:
    assert not [
        f"{named(file)}: {line.strip()}" for file in spoken() for line in lines_heard(file) if SENT_AWAY.search(line)
    ]


def test_no_caller_is_blamed() -> None:
    heard = [file for file in spoken() if file.is_relative_to(ROOT / "config") or file == THE_SWITCHS_OWN]
    assert len(heard) > 3 and THE_SWITCHS_OWN in heard
    assert not [f"{named(file)}: {line.strip()}" for file in heard for line in lines_heard(file) if BLAMED.search(line)]


def test_every_language_says_the_same_things_with_the_same_fields() -> None:
    read = YAML(typ="safe")
    said = {file.stem: read.load(file.read_text("utf-8"))["wording"] for file in files("config/wording", ".yaml")}
    assert {"sv", "en"} <= set(said)
    names = languages_by_their_own_name()
    assert set(names.values()) == {"sv", "en"}
    for language, wording in said.items():
        assert {key for key in names if key in wording} == {key for key in names if names[key] == language}
        assert set(wording) - set(names) == set(said["sv"]) - set(names), language
        for key in set(wording) - set(names):
            assert _fields(wording[key]) == _fields(said["sv"][key]), f"{language}.yaml: {key}"


def languages_by_their_own_name() -> dict[str, str]:
    """Return the choices of a language, which are said in it and in no other: key → language."""
    read = YAML(typ="safe")
    flows = [read.load(file.read_text("utf-8")) for file in files("config/flows", ".yaml")]
    choices = [one for flow in flows for node in flow["nodes"].values() for one in node.get("choices", ())]
    return {one["say"]: one["language"] for one in choices if "language" in one}


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
