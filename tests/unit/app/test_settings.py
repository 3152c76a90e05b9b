"""A setting that cannot be used is refused in words: its name and what is allowed, and never what it was set to."""

from pathlib import Path

import pytest

from app.safety import complete
from app.settings import Settings, WrongSettingError

WRONG = [
    ("KC_WEB_PORT", "abc", "must be a whole number from 1 to 65535"),
    ("KC_WEB_PORT", "65536", "must be a whole number from 1 to 65535"),
    ("KC_OFFER_SECONDS", "1", "must be a number from 3 to 120"),
    ("KC_SWITCH", "foo", "must be asterisk or simulator"),
    ("KC_DEMO", "perhaps", "must be true or false"),
    ("KC_LOG_LEVEL", "xINFO", "must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ("KC_RTP_LAST_PORT", "20002", "must be at least 3 more than KC_RTP_FIRST_PORT"),
    ("KC_AMI_PORT", "8088", "must be another port than KC_ARI_PORT"),
    ("KC_SIP_HOST", "sip.example.org", "must be one of this machine's addresses"),  # a name can come to be another's
    ("KC_SIP_HOST", "0.0.0.0", "must be one of this machine's addresses: sound goes out with it"),
    ("KC_TRUNK_ADDRESSES", "10.0.0.5;10.0.0.6", "must be addresses or networks, as 10.0.0.5,10.1.0.0/28"),
    ("KC_TRUNK_ADDRESSES", "10.0.0.5\nmatch=10.0.0.6", "must be addresses or networks"),  # a line of Asterisk's own
    ("KC_TRUNK_ADDRESSES", "10.0.0.5/8", "must be addresses or networks"),  # one or sixteen million?
    ("KC_TRUNK_ADDRESSES", "10.0.0.5,0.0.0.0/0", "must not be everybody"),
    # what only begins well is not well
    ("KC_NATIONAL_NUMBER", "0771524524x", "must look like 0771524524"),
    ("KC_SMS_PROVIDERS", "46elks:lots", "must look like 46elks:80,twilio:20"),
    ("KC_REDIS_URL", "foo", "must be redis://host:port/0, rediss://host:port/0 or unix:///path"),
    ("KC_REDIS_URL", "redis://us:hush-hush@host:port", "must be redis://host:port/0"),
    ("KC_DATABASE_URL", "mysql://us:hush-hush@host/kc", "must begin with postgresql+psycopg:// or sqlite+aiosqlite://"),
    # a driver that is not there
    ("KC_DATABASE_URL", "postgresql://us:hush-hush@host/kc", "must begin with postgresql+psycopg://"),
    ("KC_DATABASE_URL", "postgresql+psycopg://us:hush-hush@host:port/kc", "must begin with postgresql+psycopg://"),
]


@pytest.mark.parametrize(("variable", "value", "allowed"), WRONG)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSettingError) as refused:
        Settings()
    [fault] = refused.value.faults
    assert fault.startswith(f"{variable}: {allowed}")
    assert "hush-hush" not in str(refused.value)
    assert refused.value.__suppress_context__, "the foreign error would repeat what was set"


def test_who_hands_calls_to_the_switch_is_named_as_networks() -> None:
    assert Settings().trunk_networks == ()
    assert Settings(trunk_addresses=" 10.0.0.5, 10.1.0.0/28 ").trunk_networks == ("10.0.0.5/32", "10.1.0.0/28")


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_WEB_PORT", "abc")
    monkeypatch.setenv("KC_SWITCH", "foo")
    with pytest.raises(WrongSettingError) as refused:
        Settings()
    assert [fault.partition(":")[0] for fault in refused.value.faults] == ["KC_WEB_PORT", "KC_SWITCH"]


def test_a_first_port_for_sound_beyond_the_last_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_RTP_FIRST_PORT", "30000")
    with pytest.raises(WrongSettingError, match="KC_RTP_LAST_PORT: must be at least 3 more"):
        Settings()


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be read: No such file or directory"), (b"\xff\xfe", "is not text in UTF-8")],
)
def test_a_file_of_a_secret_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / "pepper").write_bytes(content)
    monkeypatch.setenv("KC_PEPPER_FILE", str(tmp_path / "pepper"))
    with pytest.raises(WrongSettingError, match=f"KC_PEPPER_FILE: the file that it names {why}"):
        Settings()


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WrongSettingError, match="KC_STATE_DIR: .* cannot be made, read or written: Not a directory"):
        complete(Settings(demo=True, state_dir=tmp_path / "file" / "state"))


def test_every_secret_that_is_set_is_known_to_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_PEPPER", "a-pepper-that-is-long")
    monkeypatch.setenv("KC_API_TOKENS", "web:callbacks=token-of-the-web,other:numbers=token-of-another")
    assert {"a-pepper-that-is-long", "token-of-the-web", "token-of-another"} <= {*Settings().secrets}
    assert all(Settings().secrets)
