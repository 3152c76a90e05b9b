"""Which benefit a citizen's text names."""

import pytest

from cases.configuration import load_benefits
from tests.architecture.tree import ROOT

CATALOGUE = load_benefits((ROOT / "config" / "benefits.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Hur gör jag med SJUKPENNINGEN?", "sjukpenning"),
        ("jag vabbar, eller vab som det heter", "vab"),
        ("foraldrapenning", "foraldrapenning"),
        ("tillfällig föräldrapenning för mitt barn", "vab"),  # the longest name, not the shorter one in it
        ("what about my child allowance", "barnbidrag"),
        ("hej", None),
        ("", None),
        ("\x00\ud800<script>", None),
    ],
)
def test_a_benefit_is_found_by_its_name(text: str, first: str | None) -> None:
    found = CATALOGUE.named_in(text)
    assert (found[0] if found else None) == first
