"""What the switch is told at its start. Each value is checked, since it ends up in Asterisk's own files."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigurationError

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{12,128}")
_NUMBER = re.compile(r"\+?[0-9]{1,17}")
_PATH = re.compile(r"/[\w./ @+~:-]*")
_HOST = re.compile(r"(sip:)?[\w.:\[\]/-]+")
_TAKEN = frozenset({"trunk", "global", "line", "browser", "desk", "place", "transport-udp", "transport-ws"})


class SwitchSettingsError(ConfigurationError):
    """The settings of the telephone switch cannot be used."""


@dataclass(frozen=True, kw_only=True)
class AgentLine:
    """An agent's softphone; ``browser`` is WebRTC, otherwise plain SIP. Without a password one is pushed later."""

    name: str
    password: str = field(default="", repr=False)
    browser: bool = True


@dataclass(frozen=True, kw_only=True)
class DemoPhone:
    """A telephone on the demo page: it reaches our numbers only, and shows ``number`` as its caller id."""

    name: str
    number: str
    password: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class AsteriskSettings:
    """Everything that the generated configuration holds; all ports are on 127.0.0.1, but SIP and sound on ``sip_host``.

    ``numbers`` are the entry points as they are dialled (``0771524524``, ``+46771524524``). ``sounds`` holds the
    prompts of the safety net, ``music`` the music on hold, ``spool`` the numbers of callers whom nobody could
    serve. ``node`` begins the id of each call, so that two switches never make the same one. ``trunk_contact`` is
    where calls to citizens go (``sip:127.0.0.1:5070``). After ``again_seconds`` each a caller to
    whom nothing could be promised is tried to be given to a controller again, for ``stays_seconds`` in all. ``extra_…``
    is for tests and benchmarks.
    """

    ari_password: str = field(repr=False)
    ami_password: str = field(repr=False)
    sounds: Path
    music: Path
    spool: Path
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    http_port: int = 8088
    ami_port: int = 5038
    rtp_ports: tuple[int, int] = (18000, 19999)
    ari_user: str = "kundcenter"
    ami_user: str = "watcher"
    app: str = "kundcenter"
    node: str = "kc"
    numbers: tuple[str, ...] = ("0771524524", "46771524524", "+46771524524")
    agents: tuple[AgentLine, ...] = ()
    phones: tuple[DemoPhone, ...] = ()
    trunk_contact: str = ""
    trunk_addresses: tuple[str, ...] = ()
    max_calls: int = 0
    again_seconds: int = 5
    stays_seconds: int = 3600
    extra_modules: tuple[str, ...] = ()
    extra_dialplan: str = ""
    extra_pjsip: str = ""

    def __post_init__(self) -> None:
        lines: list[AgentLine | DemoPhone] = [*self.agents, *self.phones]
        names = [line.name for line in lines]
        _all_match("name", _NAME, (*names, self.ari_user, self.ami_user, self.app, self.node))
        _all_match("number", _NUMBER, (*self.numbers, *(phone.number for phone in self.phones)))
        _all_match("folder", _PATH, tuple(str(path) for path in (self.sounds, self.music, self.spool)))
        _all_match("address", _HOST, (self.sip_host, *self.trunk_addresses, *filter(None, [self.trunk_contact])))
        passwords = [line.password for line in lines if line.password]
        _all_match("secret", _SECRET, (*passwords, self.ari_password, self.ami_password))
        if len(set(names)) != len(names) or _TAKEN & set(names):
            raise SwitchSettingsError("Two softphones have the same name, or one has the name of a part of the switch.")
        _check_ports(self)


def check_line_name(name: str) -> str:
    """Return the name of a softphone if it can be one; raises :class:`SwitchSettingsError`."""
    _all_match("name", _NAME, (name,))
    if name in _TAKEN:
        raise SwitchSettingsError(f"A softphone cannot be called {name}.")
    return name


def check_secret(secret: str) -> str:
    """Return the secret if it is 12 to 128 letters, digits, ``-`` and ``_``; raises :class:`SwitchSettingsError`."""
    _all_match("secret", _SECRET, (secret,))
    return secret


def check_folder(folder: Path) -> Path:
    """Return the folder if its name can stand in Asterisk's files; raises :class:`SwitchSettingsError`."""
    _all_match("folder", _PATH, (str(folder),))
    return folder


def _check_ports(settings: AsteriskSettings) -> None:
    first, last = settings.rtp_ports
    ports = (settings.sip_port, settings.http_port, settings.ami_port, first, last)
    if not all(0 < port < 65536 for port in ports) or last - first < 3:
        raise SwitchSettingsError("Ports are 1 to 65535, and the range for sound has at least four.")
    if settings.http_port == settings.ami_port:
        raise SwitchSettingsError("ARI and AMI cannot share a port.")


def _all_match(kind: str, pattern: re.Pattern[str], values: tuple[str, ...]) -> None:
    for value in values:
        if not pattern.fullmatch(value):
            shown = "" if kind == "secret" else f": {value!r}"
            raise SwitchSettingsError(f"This {kind} cannot be used{shown}.")
