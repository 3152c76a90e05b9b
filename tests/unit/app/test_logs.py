"""No secret gets into a line of the log."""

import pytest

from app.logs import scrub


@pytest.mark.parametrize(
    "secret",
    [
        "199006022397",  # twelve digits
        "19900602-2397",
        "900602-2397",
        "9006022397",
        "190104132386",  # over a hundred
        "701063-2391",  # a coordination number
        "0701740605",
        "070-174 06 05",
        "+46701740605",
        "0046 70 174 06 05",
    ],
)
@pytest.mark.parametrize("around", ["{}", "caller {} hung up", "a={},b", "PJSIP/{}@trunk", "'{}'"])
def test_a_number_of_a_person_is_hidden_wherever_it_stands(secret: str, around: str) -> None:
    shown = scrub(around.format(secret))
    digits = "".join(filter(str.isdigit, secret))
    assert secret not in shown
    assert digits[-4:] not in shown


@pytest.mark.parametrize("harmless", ["con_01j9zq4m8w3y5r7t2v6x8b0d1f", "1795345200.17", "port 8000", "200 in 12 ms"])
def test_our_ids_and_small_figures_stay(harmless: str) -> None:
    assert scrub(harmless) == harmless
