"""The set-up reads pip's settings as pip does, hands them to uv, and finds pip itself on an index page."""

from pathlib import Path

import pytest

from tools import pip_settings
from tools.pip_settings import PipSettings, for_uv, read
from tools.pip_wheel import newest
from tools.saying import SetupError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
        "PIP_CERT",
        "PIP_CONFIG_FILE",
        "PIP_DEFAULT_TIMEOUT",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("SSL_CERT_FILE", "HTTPS_PROXY", "UV_HTTP_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pip_settings, "_files", lambda: [tmp_path / "machine.conf", tmp_path / "user.conf"])


def test_without_settings_packages_come_from_the_public_index() -> None:
    assert read() == PipSettings()


def test_the_user_wins_over_the_machine_and_the_environment_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "machine.conf").write_text(
        "[global]\nindex-url = https://machine.example/simple/\ncert = /machine.pem\n"
    )
    (tmp_path / "user.conf").write_text(
        "[global]\nindex_url = https://user.example/simple\n[install]\ntrusted-host = a.example b.example\n"
    )
    assert read().index == "https://user.example/simple"
    assert read().certificates == "/machine.pem"
    assert read().trusted_hosts == ("a.example", "b.example")
    monkeypatch.setenv("PIP_INDEX_URL", "https://env.example/simple/")
    assert read().index == "https://env.example/simple"


def test_a_file_that_cannot_be_read_is_left_to_pip_to_complain_about(tmp_path: Path) -> None:
    (tmp_path / "user.conf").write_text("this is no configuration file")
    assert read() == PipSettings()


def test_a_folder_of_wheels_that_is_not_here_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} {tmp_path}/gone https://wheels.example/")
    assert read().find_links == (str(tmp_path), "https://wheels.example/")


def test_uv_is_told_the_same_and_to_let_every_index_count_alike() -> None:
    options, environment = for_uv(
        PipSettings(
            index="https://one.example", extra_indexes=("https://two.example",), certificates="/ca.pem", proxy="http://proxy.example", timeout_seconds="180"
        )
    )  # fmt: skip
    assert options == [
        "--index-strategy", "unsafe-best-match", "--default-index", "https://one.example", "--extra-index-url", "https://two.example",
    ]  # fmt: skip
    assert environment == {"SSL_CERT_FILE": "/ca.pem", "HTTPS_PROXY": "http://proxy.example", "UV_HTTP_TIMEOUT": "180"}


PAGE = """
<a href="../../p/pip-9.0.3-py2.py3-none-any.whl#sha256=aa">pip-9.0.3</a>
<a href="../../p/pip-25.3-py3-none-any.whl#sha256=bb" data-requires-python="&gt;=3.9">pip-25.3</a>
<a href="../../p/pip-26.1-py3-none-any.whl?x=1&amp;y=2#sha256=no">not a plain name</a>
<a href="../../p/pip-26.0-py3-none-any.whl#sha256=cc" data-requires-python="&gt;=3.9">pip-26.0</a>
<a href="../../p/pip-26.3-py3-none-any.whl#sha256=dd" data-yanked="broken">pip-26.3</a>
<a href="../../p/pip-27.0b1-py3-none-any.whl#sha256=ee">a try</a>
<a href="../../p/pip-27.0.tar.gz#sha256=ff">source</a>
"""


def test_the_newest_final_wheel_that_was_not_withdrawn_is_taken_with_its_digest() -> None:
    assert newest(PAGE) == ("../../p/pip-26.0-py3-none-any.whl", "cc")


def test_an_index_without_pip_is_told_as_a_sentence() -> None:
    with pytest.raises(SetupError, match="lists no wheel of pip"):
        newest("<html><body>nothing here</body></html>")
