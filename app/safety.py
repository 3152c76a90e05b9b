"""Refuses to start when unsafe, and says why and what to do."""

import ipaddress
import os
import stat
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from app.settings import Settings, SwitchKind, WrongSettingError
from app.system import new_secret
from app.tellings import subscriptions_of
from core.errors import ConfigurationError
from core.phone import parse_phone
from telephony.asterisk.settings import SwitchSettingsError, check_secret


class UnsafeSettingsError(ConfigurationError):
    """The settings are not safe to start with."""


SECRETS = ("pepper", "session_secret", "ari_password", "ami_password", "demo_password")
_SHORTEST = 32
_IN_ASTERISKS_FILES = ("ari_password", "ami_password")


def complete(settings: Settings) -> Settings:
    """Return the settings with every secret in place, or raise :class:`ConfigurationError` with all that is unsafe.

    In the demo a missing secret is made at first start and kept, readable by us only, in the state folder.
    """
    if settings.demo:
        try:
            settings = settings.model_copy(update=_kept_secrets(settings))
        except OSError as error:
            fault = f"KC_STATE_DIR: the folder or what is in it cannot be made, read or written: {error.strerror}."
            raise WrongSettingError([fault]) from None
    faults = unsafe(settings)
    if faults:
        raise UnsafeSettingsError("\n- " + "\n- ".join(faults))
    return settings


def unsafe(settings: Settings) -> list[str]:
    """Return what makes these settings unsafe, one sentence each; none when they are safe."""
    missing = [
        f"KC_{name.upper()} is missing: set it, or KC_{name.upper()}_FILE, to {_SHORTEST} random characters or more."
        for name in _missing(settings)
        if name != "demo_password" or settings.demo
    ]
    short = [
        f"KC_{name.upper()} is too short to be safe: use {_SHORTEST} random characters or more."
        for name in SECRETS
        if 0 < len(getattr(settings, name).get_secret_value()) < (12 if name == "demo_password" else _SHORTEST)
    ]
    odd = [
        f"KC_{name.upper()} stands in Asterisk's own files: use 12 to 128 letters, digits, - and _ only."
        for name in _IN_ASTERISKS_FILES
        if settings.switch is SwitchKind.ASTERISK and not settings.ari_url and _is_odd(_plain(getattr(settings, name)))
    ]
    broken = [sentence for is_unsafe, sentence in _RULES if is_unsafe(settings)]
    return missing + short + odd + broken + _texts(settings) + _webhooks(settings)


_RULES: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (
        lambda s: s.demo and not _is_loopback(s.web_host),
        "KC_DEMO shows demo persons and open telephones: it may only listen on this machine (127.0.0.1).",
    ),
    (
        lambda s: s.demo and not _is_loopback(s.sip_host),
        "KC_SIP_HOST opens the switch to others: in the demo it may only listen on this machine (127.0.0.1).",
    ),
    (
        lambda s: not _is_loopback(s.sip_host) and not s.trunk_networks,
        "KC_SIP_HOST opens the switch to others: name in KC_TRUNK_ADDRESSES who hands calls to it.",
    ),
    (
        lambda s: not _is_loopback(s.web_host) and not s.base_url.startswith("https://"),
        "KC_WEB_HOST is open to others: set KC_PUBLIC_URL to the https:// address in front of it.",
    ),
    (
        lambda s: bool(s.cases_url) and not s.cases_url.startswith("https://") and not s.demo,
        "KC_CASES_URL carries citizens' data: it must begin with https://.",
    ),
    (
        lambda s: s.cases_events_poll and not s.cases_url,
        "KC_CASES_EVENTS_POLL is set without KC_CASES_URL: there is nobody to ask.",
    ),
    (
        lambda s: s.switch is SwitchKind.SIMULATOR and not s.demo,
        "KC_SWITCH=simulator carries no real calls: it is for the demo (KC_DEMO=true) only.",
    ),
    (
        lambda s: bool(s.oidc_issuer) and not s.oidc_client_id,
        "KC_OIDC_ISSUER is set without KC_OIDC_CLIENT_ID.",
    ),
    (
        lambda s: not s.demo and not s.oidc_issuer,
        "There is no way for agents to log in: set KC_OIDC_ISSUER (demo users exist in the demo only).",
    ),
)


_OF_PROVIDER: dict[str, tuple[str, ...]] = {
    "46elks": ("elks_username", "elks_password", "elks_sender", "elks_webhook_secret"),
    "twilio": ("twilio_account", "twilio_token", "twilio_sender"),
}
"""What must be set for each provider of texts that is named. Without Twilio's token anybody could sign for Twilio."""


def _webhooks(settings: Settings) -> list[str]:
    try:
        subscriptions_of(settings)
    except ConfigurationError as error:
        return list(error.faults)
    return []


def _texts(settings: Settings) -> list[str]:
    """Return what makes it unsafe to send texts by the providers that are named."""
    named = settings.sms_shares
    unknown = [
        f"KC_SMS_PROVIDERS names {name}; there are {', '.join(_OF_PROVIDER)}." for name in named.keys() - _OF_PROVIDER
    ]
    missing = [
        f"KC_{name.upper()} is missing: KC_SMS_PROVIDERS names {provider}."
        for provider in named
        for name in _OF_PROVIDER.get(provider, ())
        if not _plain(getattr(settings, name))
    ]
    senders = [
        f"KC_{name.upper()} is no telephone number."
        for provider, name in (("46elks", "elks_sender"), ("twilio", "twilio_sender"))
        if provider in named and _plain(getattr(settings, name)) and parse_phone(getattr(settings, name)) is None
    ]
    return (
        unknown + missing + senders + [sentence for is_unsafe, sentence in _TEXT_RULES if named and is_unsafe(settings)]
    )


_TEXT_RULES: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (
        lambda s: not s.demo and not s.base_url.startswith("https://"),
        "KC_SMS_PROVIDERS is set: what citizens write is posted to us, so set KC_PUBLIC_URL to our https:// address.",
    ),
    (
        lambda s: not s.demo and not all(url.startswith("https://") for url in (s.elks_url, s.twilio_url)),
        "KC_ELKS_URL and KC_TWILIO_URL carry texts to citizens: they must begin with https://.",
    ),
    (
        lambda s: "46elks" in s.sms_shares and 0 < len(_plain(s.elks_webhook_secret)) < _SHORTEST,
        f"KC_ELKS_WEBHOOK_SECRET is too short to be safe: use {_SHORTEST} random characters or more.",
    ),
    (
        lambda s: sum(s.sms_shares.values()) <= 0,
        "KC_SMS_PROVIDERS gives nobody a part of the texts.",
    ),
)


def _is_odd(secret: str) -> bool:
    """Tell whether a secret, if there is one, cannot be written into the configuration of an Asterisk of ours."""
    try:
        check_secret(secret or "not-set-at-all")
    except SwitchSettingsError:
        return True
    return False


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _missing(settings: Settings) -> list[str]:
    return [name for name in SECRETS if not getattr(settings, name).get_secret_value()]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _kept_secrets(settings: Settings) -> dict[str, SecretStr]:
    _private_folder(settings.state_dir)
    return {name: SecretStr(_kept_secret(settings.state_dir / "secrets" / name)) for name in _missing(settings)}


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid == os.getuid() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def _kept_secret(path: Path) -> str:
    _private_folder(path.parent)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    secret = new_secret()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret)
    return secret
