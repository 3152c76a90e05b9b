"""What Asterisk tells, read from its JSON: only the events that we use, and nothing that comes raises."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.ids import LegId
from telephony.model import LegRole


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Asterisk's channel, as far as we use it. ``caller`` and ``display_name`` come from outside: hostile text."""

    leg: LegId
    up: bool
    caller: str = ""
    display_name: str = ""
    app: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def role(self) -> LegRole | None:
        """Whose leg it is by the arguments that it entered our application with; ``None`` when they are not ours."""
        return _role(self.arguments)

    @property
    def placed(self) -> bool:
        """Whether we have placed it."""
        return self.arguments[:1] == ("placed",)

    @property
    def called(self) -> str:
        """The number of ours that was dialled."""
        return self.arguments[1] if self.arguments[:1] == ("inbound",) and len(self.arguments) > 1 else ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the switch tells. ``told_at`` is when it happened by its clock, in seconds since 1970; 0 when it says nothing."""

    told_at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Entered(Told):
    """A channel is now in our hands."""

    channel: Channel


@dataclass(frozen=True, kw_only=True)
class Rings(Told):
    """A channel that we placed rings."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class Key(Told):
    """A key was let go."""

    leg: LegId
    key: str


@dataclass(frozen=True, kw_only=True)
class HangingUp(Told):
    """The far side hangs up, for this reason (Q.850), or the switch does (``by_switch``): for us or of its own accord."""

    leg: LegId
    cause: int
    by_switch: bool = False


@dataclass(frozen=True, kw_only=True)
class Left(Told):
    """A channel is gone. ``cause`` is 0 when Asterisk does not tell."""

    leg: LegId
    cause: int = 0


@dataclass(frozen=True, kw_only=True)
class Played(Told):
    """A playback is over, whether heard to its end, stopped or failed."""

    playback: str
    leg: LegId
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Replaced(Told):
    """Another client has taken our application."""


AriEvent = Entered | Rings | Key | HangingUp | Left | Played | Replaced


def parse_event(data: Any) -> AriEvent | None:
    """Return what an event says; ``None`` for one that we do not use or cannot read."""
    if not isinstance(data, dict):
        return None
    reader = _READERS.get(str(data.get("type")))
    try:
        event: AriEvent | None = reader(data) if reader is not None else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return None if event is None else replace(event, told_at=_instant(data.get("timestamp")))


def _instant(written: Any) -> float:
    try:
        return datetime.fromisoformat(written).timestamp()
    except (TypeError, ValueError):
        return 0.0


_WITHHELD = frozenset({"anonymous", "restricted", "unavailable", "unknown", "private"})
"""What networks write in place of a number that the caller withholds."""


def parse_channel(data: Mapping[str, Any], *, arguments: list[Any] | None = None) -> Channel:
    """Return a channel; without ``arguments`` it is told by the application that it executes."""
    caller, plan = data.get("caller") or {}, data.get("dialplan") or {}
    in_stasis = plan.get("app_name") == "Stasis"
    number = str(caller.get("number") or "")
    executed = str(plan.get("app_data") or "").split(",") if in_stasis else [""]
    return Channel(
        leg=LegId(str(data["id"])),
        up=data.get("state") == "Up",
        caller="" if number.lower() in _WITHHELD else number,
        display_name=str(caller.get("name") or ""),
        app=executed[0],
        arguments=tuple(map(str, arguments if arguments is not None else executed[1:])),
    )


def _state(data: Mapping[str, Any]) -> AriEvent | None:
    return Rings(leg=_leg(data)) if data["channel"]["state"] == "Ringing" else None


def _hangup_request(data: Mapping[str, Any]) -> AriEvent | None:
    # The cause of a soft request (32, or 1 when sound stayed away) is Asterisk's own word, not the network's.
    soft = bool(data.get("soft"))
    return HangingUp(leg=_leg(data), cause=0 if soft else int(data.get("cause") or 0), by_switch=soft)


def _played(data: Mapping[str, Any]) -> AriEvent | None:
    playback = data["playback"]
    kind, _, leg = str(playback["target_uri"]).partition(":")
    if kind != "channel":
        return None
    return Played(playback=str(playback["id"]), leg=LegId(leg), failed=playback.get("state") == "failed")


def _leg(data: Mapping[str, Any]) -> LegId:
    return LegId(str(data["channel"]["id"]))


_READERS: dict[str, Any] = {
    "StasisStart": lambda data: Entered(channel=parse_channel(data["channel"], arguments=data["args"])),
    "ChannelStateChange": _state,
    "ChannelDtmfReceived": lambda data: Key(leg=_leg(data), key=str(data["digit"])),
    "ChannelHangupRequest": _hangup_request,
    "StasisEnd": lambda data: Left(leg=_leg(data)),
    "ChannelDestroyed": lambda data: Left(leg=_leg(data), cause=int(data.get("cause") or 0)),
    "PlaybackFinished": _played,
    "ApplicationReplaced": lambda data: Replaced(),
}

EVENTS = tuple(_READERS)
"""The types of event that we use; Asterisk is told to send no others."""


def _role(arguments: tuple[str, ...]) -> LegRole | None:
    match arguments:
        case ("inbound", *_):
            return LegRole.CITIZEN
        case ("placed", "agent"):
            return LegRole.AGENT
        case ("placed", "citizen"):
            return LegRole.CITIZEN
        case _:
            return None
