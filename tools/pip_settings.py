"""Where this machine gets Python packages from, as pip has been told: its configuration files and PIP_ variables.

pip itself is not here yet when we need to know, and uv does not read pip's files.
"""

import configparser
import os
from dataclasses import dataclass
from pathlib import Path

PUBLIC_INDEX = "https://pypi.org/simple"


@dataclass(frozen=True)
class PipSettings:
    """The settings that decide where packages come from; an empty string or tuple where nothing is set."""

    index: str = PUBLIC_INDEX
    extra_indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    certificates: str = ""
    proxy: str = ""
    timeout_seconds: str = ""
    no_index: bool = False


def read() -> PipSettings:
    """Read pip's settings in pip's own order: machine, user, environment; the later wins."""
    found: dict[str, str] = {}
    for file in _files():
        found |= _of_file(file)
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            found[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return PipSettings(
        index=found.get("index-url", PUBLIC_INDEX).rstrip("/"),
        extra_indexes=tuple(found.get("extra-index-url", "").split()),
        find_links=tuple(link for link in found.get("find-links", "").split() if _can_be_read(link)),
        trusted_hosts=tuple(found.get("trusted-host", "").split()),
        certificates=found.get("cert", ""),
        proxy=found.get("proxy", ""),
        timeout_seconds=found.get("default-timeout", found.get("timeout", "")),
        no_index=found.get("no-index", "").lower() in {"1", "true", "yes", "on"},
    )


def for_uv(settings: PipSettings) -> tuple[list[str], dict[str, str]]:
    """Return the same settings as uv's options and environment. All indexes count alike, as they do for pip."""
    options = ["--index-strategy", "unsafe-best-match", "--default-index", settings.index]
    for option, values in (
        ("--extra-index-url", settings.extra_indexes),
        ("--find-links", settings.find_links),
        ("--allow-insecure-host", settings.trusted_hosts),
    ):
        for value in values:
            options += [option, value]
    if settings.no_index:
        options.append("--no-index")
    environment = {
        "SSL_CERT_FILE": os.environ.get("SSL_CERT_FILE") or settings.certificates,
        "HTTPS_PROXY": os.environ.get("HTTPS_PROXY") or settings.proxy,
        "UV_HTTP_TIMEOUT": os.environ.get("UV_HTTP_TIMEOUT") or settings.timeout_seconds,
    }
    return options, {name: value for name, value in environment.items() if value}


def _files() -> list[Path]:
    if os.environ.get("PIP_CONFIG_FILE") == os.devnull:
        return []
    home = Path.home()
    of_machine = [Path(folder) / "pip/pip.conf" for folder in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    of_user = [home / ".pip/pip.conf", Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf"]
    named = os.environ.get("PIP_CONFIG_FILE")
    return [*of_machine, Path("/etc/pip.conf"), *of_user, *([Path(named)] if named else [])]


def _of_file(file: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (OSError, configparser.Error):
        return {}  # pip will complain about it better than we can
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {name.replace("_", "-"): value for name, value in parser.items(section) if value}
    return found


def _can_be_read(link: str) -> bool:
    return "://" in link or Path(link).exists()
