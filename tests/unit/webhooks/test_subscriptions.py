"""What an operator writes is taken, or refused in words that hold no secret."""

import pytest

from core.errors import ConfigurationError
from tests.fakes.receiver import OLDER, SECRET
from webhooks.reach import Reach
from webhooks.subscriptions import read_subscriptions

TYPES = {"text.delivered", "text.received"}
URL = "https://journal.example/kundcenter"


PUBLIC = Reach()


def read(text: str, reach: Reach = PUBLIC) -> list[tuple[str, str, frozenset[str], int]]:
    found = read_subscriptions(text, types=TYPES, reach=reach)
    return [(one.system, one.host, one.events, len(one.secrets)) for one in found]


def test_lines_are_read() -> None:
    text = f"journal {URL} text.delivered,text.received {SECRET} {OLDER}\n\n form https://b.example/ text.received {SECRET};"
    assert read(text) == [("journal", "journal.example", TYPES, 2), ("form", "b.example", {"text.received"}, 1)]
    assert read("") == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("journal", "system address event"),
        (f"Journal! {URL} text.received {SECRET}", "system address event"),
        (f"journal http://journal.example/ text.received {SECRET}", "https://"),
        (f"journal ftp://journal.example/ text.received {SECRET}", "https://"),
        (f"journal https:// text.received {SECRET}", "no address"),
        (f"journal https://x.example:99999/ text.received {SECRET}", "no address"),
        (f"journal https://[::1/ text.received {SECRET}", "no address"),
        (f"journal https://me:hidden@journal.example/ text.received {SECRET}", "no log-in"),
        (f"journal {URL}?key=hidden text.received {SECRET}", "no ?"),
        (f"journal {URL}#hidden text.received {SECRET}", "no #"),
        (f"journal https://127.0.0.1/ text.received {SECRET}", "demo only"),
        (f"journal http://localhost:9/ text.received {SECRET}", "https://"),
        (f"journal https://10.1.2.3/ text.received {SECRET}", "KC_WEBHOOKS_PRIVATE"),
        (f"journal https://169.254.169.254/ text.received {SECRET}", "not public"),
        (f"journal {URL} text.read {SECRET}", "text.delivered, text.received"),
        (f"journal {URL} text.received hidden", "24 to 64"),
        (f"journal {URL} text.received whsec_aGlkZGVu", "24 to 64"),
        (f"journal {URL} text.received whsec_***hidden***", "24 to 64"),
        (f"journal {URL} text.received whsec_{'A' * 88}", "24 to 64"),
        (f"journal {URL} text.received {SECRET} {OLDER} {SECRET}", "at most 2"),
        (f"journal {URL} text.received {SECRET};journal {URL} text.delivered {SECRET}", "twice"),
    ],
)
def test_what_is_not_safe_is_refused_in_words(line: str, word: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(line)
    said = str(refused.value)
    assert word in said
    assert "hidden" not in said and SECRET[6:] not in said and "aGlkZGVu" not in said


def test_what_is_set_so_may_be_reached() -> None:
    assert read(f"a http://127.0.0.1:9/ text.received {SECRET}", Reach(loopback=True))
    assert read(f"a https://10.1.2.3/ text.received {SECRET}", Reach(private=True))
    with pytest.raises(ConfigurationError, match="https"):
        read(f"a http://10.1.2.3/ text.received {SECRET}", Reach(private=True, loopback=True))
