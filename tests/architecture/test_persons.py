"""Only persons who do not exist: published test numbers, and phone numbers that are reserved for fiction (N14)."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.architecture.tree import committed, named

TEST_PERSONS = {
    "4408139089", "9006022397", "9107172380", "9610202385", "0104132386", "0001052380", "5711212893", "6107293059",
    "9504242398", "9710182396", "0001022391",  # published by the Swedish Tax Agency as test numbers
    "7010632391",  # its published example of a coordination number
}  # fmt: skip
FICTION = range(701740605, 701740700)
"""Mobile numbers that the telecom authority keeps for books and films: 070-1740605 to 070-1740699."""

PERSON = re.compile(r"(?<![\d.])(?:\d\d)?(\d\d)(0[1-9]|1[0-2])(\d\d)[-+ ]?(\d{4})(?![\d.])")
MOBILE = re.compile(r"(?<!\d)(?:\+46|0046|0)[ -]?(7[02369])[ -]?((?:\d[ -]?){7})(?!\d)")


def pressed(text: str) -> Iterator[str]:
    """Yield each ten-digit number in a text that could be somebody's: a real day, a right check digit."""
    for found in PERSON.finditer(text):
        year, month, day, rest = found.groups()
        number = "".join(found.groups())
        is_given_to_persons = not rest.startswith("000") and not number.startswith("0701")  # the latter are telephones
        if is_given_to_persons and _is_a_day(int(year), int(month), int(day)) and _luhn(number):
            yield number


def _is_a_day(year: int, month: int, day: int) -> bool:
    try:
        date(2000 + year, month, day - 60 if day > 60 else day)
    except ValueError:
        return False
    return True


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(number)]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0


def texts() -> list[Path]:
    kinds = {".py", ".yaml", ".yml", ".md", ".ts", ".vue", ".json", ".xml", ".html", ".csv", ".txt"}
    return [file for file in committed() if file.suffix in kinds and file.name != "package-lock.json"]


@pytest.mark.parametrize("text", ["199006022397", "900602-2397", "701063-2391", "010413+2386"])
def test_the_net_knows_a_personnummer_when_it_sees_one(text: str) -> None:
    assert set(pressed(f'"{text}"')) <= TEST_PERSONS
    assert len(list(pressed(f'"{text}"'))) == 1


def test_no_file_holds_a_personnummer_that_could_be_somebodys() -> None:
    found = [
        f"{named(file)}: a number that begins with {number[:4]}"
        for file in texts()
        for number in pressed(file.read_text("utf-8", "replace"))
        if number not in TEST_PERSONS
    ]
    assert not found


def test_no_file_holds_a_mobile_number_that_could_be_somebodys() -> None:
    found = [
        f"{named(file)}: {match[0]}"
        for file in texts()
        for match in MOBILE.finditer(file.read_text("utf-8", "replace"))
        if int(match[1] + re.sub(r"\D", "", match[2])) not in FICTION
    ]
    assert not found
