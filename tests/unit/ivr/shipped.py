"""The flows and wordings that the product ships, for the tests of this room."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from core.ids import ContactId, LegId
from core.language import Language
from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.model import Position
from ivr.wording import Wordings
from ivr.wording_file import load_wordings

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BENEFITS = {
    "foralder": ("barnbidrag", "flerbarnstillagg", "foraldrapenning", "vab", "underhallsstod", "a", "b", "c"),
    "sjuk": ("sjukpenning",),
    "bostad": ("bostadsbidrag",),
    "funktionsnedsattning": ("assistansersattning",),
    "allmant": ("tandvardsstod",),
}


@cache
def wordings() -> Wordings:
    """Read the shipped wording files."""
    names = {"barnbidrag": {Language.SWEDISH: "barnbidrag", Language.ENGLISH: "child allowance"}}
    return load_wordings({p.name: p.read_text("utf-8") for p in (CONFIG / "wording").glob("*.yaml")}, names=names)


@cache
def book() -> FlowBook:
    """Read the shipped flow files."""
    files = {p.name: p.read_text("utf-8") for p in (CONFIG / "flows").glob("*.yaml")}
    return load_book(files, wordings=wordings(), benefits=BENEFITS)


def new_call() -> Position:
    """Return the position of a call that has just arrived."""
    return Position(contact=ContactId("con_1"), leg=LegId("leg_1"), arrived_at=NOW, entry="national")
