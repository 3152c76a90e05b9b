"""What the switch's own reports mean: AMI events in, facts of ours out. Pure; hostile text is never passed on.

Names of fields as in Asterisk's AMI documentation, 22; loss and jitter as in RFC 3550 §6.4.1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.ids import LegId

NOT_OURS = "(not one of ours)"
_OUR_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_ADDRESS = re.compile(r"IPV[46]/(?:UDP|TCP|TLS|WS|WSS)/([0-9a-fA-F.:]{2,45})/[0-9]{1,5}")
_AGENTS = "PJSIP/agent-"
_CLOCK_RATE_PER_MS = 8
"""G.711 counts 8,000 samples a second; jitter is told in samples."""


class SecurityKind(StrEnum):
    """What somebody tried at the switch's door."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a name, not a password
    UNKNOWN_ACCOUNT = "unknown_account"
    ADDRESS_REFUSED = "address_refused"
    BAD_REQUEST = "bad_request"
    OVERLOADED = "overloaded"


_SECURITY = {
    "InvalidPassword": SecurityKind.WRONG_PASSWORD,
    "ChallengeResponseFailed": SecurityKind.WRONG_PASSWORD,
    "AuthMethodNotAllowed": SecurityKind.WRONG_PASSWORD,
    "InvalidAccountID": SecurityKind.UNKNOWN_ACCOUNT,
    "InvalidTransport": SecurityKind.ADDRESS_REFUSED,
    "FailedACL": SecurityKind.ADDRESS_REFUSED,
    "UnexpectedAddress": SecurityKind.ADDRESS_REFUSED,
    "RequestBadFormat": SecurityKind.BAD_REQUEST,
    "RequestNotAllowed": SecurityKind.BAD_REQUEST,
    "RequestNotSupported": SecurityKind.BAD_REQUEST,
    "LoadAverageLimit": SecurityKind.OVERLOADED,
    "MemoryLimit": SecurityKind.OVERLOADED,
    "SessionLimit": SecurityKind.OVERLOADED,
}

_CAN_BE_RUNG = {"Reachable": True, "Unreachable": False, "Removed": False}


@dataclass(frozen=True)
class SecurityEvent:
    """Somebody was refused. ``account`` is a name in our form or a fixed text, never what a stranger typed."""

    kind: SecurityKind
    service: str
    account: str
    address: str


@dataclass(frozen=True)
class SoftphoneReachable:
    """A softphone can, or can no longer, be rung."""

    name: str
    reachable: bool


@dataclass(frozen=True)
class SoftphonesListed:
    """All softphones have been told of, after sign-in."""


class Side(StrEnum):
    """Whose telephone a leg leads to."""

    AGENT = "agent"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class CallQuality:
    """How a leg sounds. ``heard_by_us`` is what arrives at the switch; otherwise what the other end reports of ours."""

    leg: LegId
    heard_by_us: bool
    loss_percent: float
    jitter_ms: float
    round_trip_ms: float | None
    side: Side = Side.CITIZEN

    @property
    def heard_by(self) -> str:
        """Who listens: the ``switch``, or the ``phone`` at the other end of the leg."""
        return "switch" if self.heard_by_us else "phone"

    @property
    def is_bad(self) -> bool:
        """Whether people have trouble to understand each other: more than what G.711 and a jitter buffer bear, or a
        delay beyond 400 ms each way (ITU-T G.114)."""
        slow = self.round_trip_ms is not None and self.round_trip_ms > 800
        return self.loss_percent > 10 or self.jitter_ms > 100 or slow


@dataclass(frozen=True)
class SwitchStarted:
    """The switch has told since when it is up."""

    started_at: datetime


@dataclass(frozen=True)
class SwitchStopping:
    """The switch is being stopped, in order."""


Fact = SecurityEvent | SoftphoneReachable | SoftphonesListed | CallQuality | SwitchStarted | SwitchStopping


class WatchState(StrEnum):
    """Whether somebody watches the switch: not yet, just now, or no longer."""

    STARTING = "starting"
    WATCHING = "watching"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class WatchReport:
    """What the watcher knows just now, for ``doctor`` and the supervisors' page."""

    state: WatchState
    started_at: datetime | None = None
    restarts: int = 0
    security_events: Mapping[SecurityKind, int] = field(default_factory=dict)
    reachable: frozenset[str] = frozenset()
    knows_reachable: bool = False
    """Whether ``reachable`` is all of them: the switch is watched, and has told of each."""
    quality: Mapping[tuple[LegId, bool], CallQuality] = field(default_factory=dict)
    """The last report on each leg, from either end: by leg, and whether it is the switch that listens."""

    @property
    def sound(self) -> dict[str, Any]:
        """How the legs that were reported on last sound, by the last report on each: how many ``legs``, and ``mean`` and
        ``worst`` of ``loss_percent`` and ``jitter_ms``; empty when there was no report."""
        last = self.quality.values()
        if not last:
            return {}
        return {
            "legs": len({one.leg for one in last}),
            "loss_percent": _mean_and_worst([one.loss_percent for one in last]),
            "jitter_ms": _mean_and_worst([one.jitter_ms for one in last]),
        }

    @property
    def worst(self) -> CallQuality | None:
        """The report of those who hear worst just now or did last: most is lost, or else it is the most uneven."""
        return max(
            self.quality.values(),
            key=lambda one: (one.is_bad, one.loss_percent, one.jitter_ms, one.round_trip_ms or 0),
            default=None,
        )


def _mean_and_worst(figures: list[float]) -> dict[str, float]:
    return {"mean": round(sum(figures) / len(figures), 1), "worst": max(figures)}


def read_event(name: str, keys: Mapping[str, str], *, now: datetime) -> Fact | None:
    """Translate one AMI event; ``None`` for those that we do not watch, or that make no sense."""
    if name in _SECURITY:
        return SecurityEvent(
            kind=_SECURITY[name],
            service=_name(keys.get("Service", "").lower()),
            account=_name(keys.get("AccountID", "")),
            address=_address(keys.get("RemoteAddress", "")),
        )
    match name:
        case "ContactStatus":
            return _reachable(keys.get("EndpointName", ""), keys.get("ContactStatus", ""))
        case "DeviceStateChange":  # the answer to a question, at sign-in
            return _device(keys)
        case "DeviceStateListComplete":
            return SoftphonesListed()
        case "RTCPReceived" | "RTCPSent":
            return _quality(keys, heard_by_us=name == "RTCPSent")
        case "FullyBooted":
            return _started(keys, now=now)
        case "Shutdown":
            return SwitchStopping()
        case _:
            return None


def _reachable(endpoint: str, status: str) -> SoftphoneReachable | None:
    name = _name(endpoint)
    if name == NOT_OURS or status not in _CAN_BE_RUNG:
        return None
    return SoftphoneReachable(name, _CAN_BE_RUNG[status])


def _device(keys: Mapping[str, str]) -> SoftphoneReachable | None:
    technology, _, device = keys.get("Device", "").partition("/")
    name = _name(device)
    if technology != "PJSIP" or name == NOT_OURS:
        return None
    return SoftphoneReachable(name, keys.get("State", "") not in ("UNAVAILABLE", "UNKNOWN", "INVALID", ""))


def _quality(keys: Mapping[str, str], *, heard_by_us: bool) -> CallQuality | None:
    lost, jitter = _number(keys, "Report0FractionLost"), _number(keys, "Report0IAJitter")
    leg = keys.get("Uniqueid", "")
    if lost is None or jitter is None or not leg:
        return None
    round_trip = _number(keys, "RTT")
    return CallQuality(
        leg=LegId(leg),
        heard_by_us=heard_by_us,
        loss_percent=round(lost / 256 * 100, 1),
        jitter_ms=round(jitter / _CLOCK_RATE_PER_MS, 1),
        round_trip_ms=None if round_trip is None else round(round_trip * 1000, 1),
        side=Side.AGENT if keys.get("Channel", "").startswith(_AGENTS) else Side.CITIZEN,
    )


def _started(keys: Mapping[str, str], *, now: datetime) -> SwitchStarted | None:
    seconds = _number(keys, "Uptime")
    return None if seconds is None else SwitchStarted(now - timedelta(seconds=seconds))


def _number(keys: Mapping[str, str], key: str) -> float | None:
    text = keys.get(key, "")
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text) else None


def _name(text: str) -> str:
    return text if _OUR_NAME.fullmatch(text) else NOT_OURS


def _address(text: str) -> str:
    found = _ADDRESS.fullmatch(text)
    return found.group(1) if found else ""
