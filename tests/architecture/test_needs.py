"""A test that the machine cannot run says so, and continuous integration does not let it pass for that."""

import pytest

from tests import needs


def test_a_missing_program_skips_the_test_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install no-such-package"):
        needs.program("no-such-program", package="no-such-package")


def test_a_missing_program_fails_the_test_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        needs.program("no-such-program")
