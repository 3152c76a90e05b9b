"""The product refuses to start when it is unsafe, and says why."""

import stat
from pathlib import Path
from typing import Any

import pytest

from app import safety
from app.safety import complete, unsafe
from app.settings import Settings, WrongSettingError
from app.text_providers import KINDS
from core.errors import ConfigurationError

LONG = "x" * 43
SAFE: dict[str, Any] = {
    "pepper": LONG,
    "session_secret": LONG,
    "ari_password": LONG,
    "ami_password": LONG,
    "oidc_issuer": "https://login.example.org",
    "oidc_client_id": "kundcenter",
}


def settings(**values: Any) -> Settings:
    return Settings(**{**SAFE, **values})


def test_settings_with_every_secret_are_safe() -> None:
    assert unsafe(settings()) == []


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"pepper": ""}, "KC_PEPPER is missing"),
        ({"pepper": "short"}, "KC_PEPPER is too short"),
        ({"web_host": "0.0.0.0"}, "https://"),  # open to others without encryption in front
        ({"demo": True, "demo_password": LONG, "web_host": "0.0.0.0"}, "KC_DEMO"),
        ({"cases_url": "http://cases.example.org"}, "KC_CASES_URL"),
        ({"switch": "simulator"}, "KC_SWITCH"),
        ({"cases_events_poll": True}, "KC_CASES_EVENTS_POLL"),
        ({"oidc_client_id": ""}, "KC_OIDC_CLIENT_ID"),
        ({"oidc_issuer": ""}, "log in"),
        # it would end up in a line of Asterisk's configuration, and be refused there too late
        ({"ari_password": f"{LONG}+/="}, "KC_ARI_PASSWORD stands in Asterisk's own files"),
        ({"ami_password": f"{LONG}\n[admin]"}, "KC_AMI_PASSWORD stands in Asterisk's own files"),
    ],
)
def test_what_is_unsafe_is_named(values: dict[str, Any], word: str) -> None:
    assert any(word in sentence for sentence in unsafe(settings(**values)))


def test_a_switch_that_others_reach_is_named_those_who_hand_calls_to_it() -> None:
    assert unsafe(settings(sip_host="10.0.0.4", trunk_addresses="10.0.0.5")) == []
    [fault] = unsafe(settings(sip_host="10.0.0.4"))
    assert "KC_TRUNK_ADDRESSES" in fault
    assert any(
        "KC_SIP_HOST" in one for one in unsafe(settings(demo=True, sip_host="10.0.0.4", trunk_addresses="10.0.0.5"))
    )


def test_the_password_at_an_asterisk_of_somebody_else_is_theirs_to_choose() -> None:
    assert unsafe(settings(ari_password=f"{LONG}+/=", ari_url="https://switch.example.org")) == []


BY_ELKS = {
    "sms_providers": "46elks",
    "public_url": "https://kc.example",
    "elks_username": "u1",
    "elks_password": "p1",
    "elks_sender": "+46701740699",
    "elks_webhook_secret": LONG,
}
BY_BOTH = BY_ELKS | {
    "sms_providers": "46elks:80, twilio:20",
    "twilio_account": "AC1",
    "twilio_token": LONG,
    "twilio_sender": "+46701740698",
}


def test_providers_of_texts_with_all_that_they_need_are_safe() -> None:
    assert unsafe(settings(**BY_ELKS)) == unsafe(settings(**BY_BOTH)) == []
    assert settings(**BY_BOTH).sms_shares == {"46elks": 80, "twilio": 20}
    assert settings(**BY_ELKS).sms_shares == {"46elks": 1}


@pytest.mark.parametrize(
    ("values", "word"),
    [
        *(({name: ""}, f"KC_{name.upper()} is missing") for name in BY_BOTH if name.startswith(("elks_", "twilio_"))),
        ({"elks_webhook_secret": "short"}, "KC_ELKS_WEBHOOK_SECRET is too short"),
        ({"elks_sender": "Kassan"}, "KC_ELKS_SENDER is no telephone number"),  # nobody could answer to that
        ({"twilio_sender": "+"}, "KC_TWILIO_SENDER is no telephone number"),
        ({"public_url": "http://kc.example"}, "KC_PUBLIC_URL"),
        ({"public_url": ""}, "KC_PUBLIC_URL"),
        ({"elks_url": "http://127.0.0.1:1"}, "KC_ELKS_URL"),
        ({"twilio_url": "http://127.0.0.1:1"}, "KC_TWILIO_URL"),
        ({"sms_providers": "46elks,nobody"}, "nobody"),
        ({"sms_providers": "46elks:0"}, "nobody a part"),
    ],
)
def test_a_provider_of_texts_is_not_used_unless_it_is_safe(values: dict[str, str], word: str) -> None:
    assert any(word in sentence for sentence in unsafe(settings(**BY_BOTH | values)))


def test_every_provider_that_can_be_made_is_known_to_the_rules_of_safety() -> None:
    assert set(KINDS) == set(safety._OF_PROVIDER)


def test_what_a_provider_lacks_that_is_not_named_does_not_matter() -> None:
    assert unsafe(settings(elks_url="http://127.0.0.1:1", elks_sender="x")) == []


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        complete(Settings(oidc_issuer="https://login.example.org"))
    assert all(f"KC_{name}" in str(refused.value) for name in ("PEPPER", "SESSION_SECRET", "ARI_PASSWORD"))


def test_the_demo_makes_its_secrets_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    demo = Settings(demo=True, state_dir=tmp_path / "state")
    first, second = complete(demo), complete(demo)
    assert first.pepper.get_secret_value() == second.pepper.get_secret_value()
    assert len({getattr(first, name).get_secret_value() for name in ("pepper", "session_secret", "demo_password")}) == 3
    kept = tmp_path / "state" / "secrets" / "pepper"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_secrets_are_read_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pepper").write_text(LONG + "\n")
    monkeypatch.setenv("KC_PEPPER_FILE", str(tmp_path / "pepper"))
    assert Settings().pepper.get_secret_value() == LONG
    monkeypatch.setenv("KC_PEPPER_FILE", str(tmp_path / "nothing"))
    with pytest.raises(WrongSettingError, match="KC_PEPPER_FILE"):
        Settings()


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    assert LONG not in repr(settings())
