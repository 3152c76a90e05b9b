"""Reads who is told what, as an operator writes it, and refuses what is not safe, in words. Pure."""

import binascii
import ipaddress
import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from core.errors import ConfigurationError
from webhooks.model import Subscription
from webhooks.reach import Reach

SHORTEST_SECRET, LONGEST_SECRET = 24, 64
"""Bytes, as Standard Webhooks says."""

MOST_SECRETS = 2
_SYSTEM = re.compile(r"[a-z0-9_-]{1,40}")
_LONGEST_URL = 500


def read_subscriptions(text: str, *, types: Collection[str], reach: Reach) -> tuple[Subscription, ...]:
    """Read lines (or parts between semicolons) of ``system address event,event whsec_… [whsec_…]``.

    Raises :class:`ConfigurationError`, whose faults name the system and what is allowed, never an address or a secret.
    """
    faults: list[str] = []
    subscriptions: list[Subscription] = []
    for line in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        found, wrong = _read(line.split(), types, reach)
        faults += wrong
        subscriptions += [found] if found and not wrong else []
    if len({one.system for one in subscriptions}) != len(subscriptions):
        faults.append("KC_WEBHOOKS names a system twice: give all its events in one line.")
    if faults:
        raise ConfigurationError(faults=faults)
    return tuple(subscriptions)


def _read(words: list[str], types: Collection[str], reach: Reach) -> tuple[Subscription | None, list[str]]:
    if len(words) < 4 or not _SYSTEM.fullmatch(words[0]):
        return None, ["KC_WEBHOOKS: write system address event,event whsec_… with a new line or ; between systems."]
    system, url, events, *secrets = words
    found = Subscription(system=system, url=url, events=frozenset(events.split(",")), secrets=tuple(secrets))
    said = [_wrong_address(url, reach), *_wrong_events(found.events, types), *_wrong_secrets(secrets)]
    return found, [f"KC_WEBHOOKS: {system}: {one}." for one in said if one]


def _wrong_address(url: str, reach: Reach) -> str:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "this is no address"
    if not host or len(url) > _LONGEST_URL or not url.isascii():
        return "this is no address"
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return "an address has no log-in, no ? and no #: it stands in logs of others, and the signature says who we are"
    return _wrong_host(parts, host, reach)


def _wrong_host(parts: SplitResult, host: str, reach: Reach) -> str:
    is_here = host == "localhost" or _is_address(host) and ipaddress.ip_address(host).is_loopback
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here and reach.loopback):
        return "the address must begin with https://"
    if is_here and not reach.loopback:
        return "the address is this machine's: that is for the demo only"
    if _is_address(host) and not reach.includes(host):
        return "the address is not public: set KC_WEBHOOKS_PRIVATE=true if it is in the agency's own network"
    return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _wrong_events(events: frozenset[str], types: Collection[str]) -> list[str]:
    unknown = events - set(types)
    return [f"there is no event {min(unknown)[:40]}; there are {', '.join(sorted(types))}"] if unknown else []


def _wrong_secrets(secrets: list[str]) -> list[str]:
    wrong = [] if len(secrets) <= MOST_SECRETS else [f"at most {MOST_SECRETS} secrets, the newer first"]
    for secret in secrets:
        length = _bytes_of(secret)
        if not SHORTEST_SECRET <= length <= LONGEST_SECRET:
            wrong.append(f"a secret is whsec_ and {SHORTEST_SECRET} to {LONGEST_SECRET} random bytes in base64")
    return wrong


def _bytes_of(secret: str) -> int:
    encoded = secret.removeprefix("whsec_")
    if encoded == secret:
        return 0
    try:
        return len(binascii.a2b_base64(encoded, strict_mode=True))
    except ValueError:
        return 0
