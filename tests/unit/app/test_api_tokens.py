"""Which other systems may use the API: none unless somebody says so, and only for what is said."""

import pytest

from app.api_tokens import read_tokens
from core.errors import ConfigurationError

TOKEN, OTHER = "a" * 32, "b" * 32


def test_nothing_said_means_that_no_system_may() -> None:
    assert read_tokens("") == ()


def test_systems_are_named_with_what_they_may_and_their_token() -> None:
    first, second = read_tokens(f"form:callbacks:read+callbacks:write={TOKEN}, board:callbacks:read={OTHER}==")
    assert (first.name, first.scopes) == ("form", {"callbacks:read", "callbacks:write"})
    assert (second.name, second.scopes) == ("board", {"callbacks:read"})


@pytest.mark.parametrize(
    "text",
    [
        f"form={TOKEN}",  # no scope: nothing is given by default
        f"form:callbacks:all={TOKEN}",  # no such scope
        "form:callbacks:read=short",
        f"form:callbacks:read={TOKEN},form:callbacks:write={OTHER}",  # one name twice
        f"form:callbacks:read={TOKEN},board:callbacks:read={TOKEN}",  # one token twice
    ],
)
def test_what_is_not_safe_is_refused_without_telling_the_token(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_tokens(text)
    assert TOKEN not in str(refused.value)
