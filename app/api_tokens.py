"""Which other systems may use our API, and for what: a bearer token each, from ``KC_API_TOKENS``. None, and it is off."""

import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request

from core.errors import ConfigurationError, KundcenterError

SHORTEST = 32
SCOPES = frozenset(
    {
        "callbacks:read",
        "callbacks:write",
        "meetings:brief",
        "meetings:calendar",
        "meetings:read",
        "meetings:write",
        "numbers:read",
        "numbers:write",
        "texts:read",
        "texts:write",
        "webhooks:read",
        "webhooks:write",
    }
)
_ENTRY = re.compile(r"(?P<name>[a-z0-9_-]{1,40}):(?P<scopes>[a-z:+]+)=(?P<token>[\x21-\x2b\x2d-\x7e]+)")


class UnknownSystemError(KundcenterError):
    """This needs the token of a system that may use the API."""


class ScopeMissingError(KundcenterError):
    """This system may not do that."""


@dataclass(frozen=True)
class System:
    """Another system of the agency, and what it may do."""

    name: str
    scopes: frozenset[str]
    token_hash: bytes


def read_tokens(text: str) -> tuple[System, ...]:
    """Read ``name:scope+scope=token`` entries with commas or spaces between them; raises :class:`ConfigurationError`."""
    systems = tuple(_system(entry) for entry in re.split(r"[,\s]+", text) if entry)
    if len({one.name for one in systems}) != len(systems) or len({one.token_hash for one in systems}) != len(systems):
        raise ConfigurationError("KC_API_TOKENS names a system or a token twice.")
    return systems


def _system(entry: str) -> System:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ConfigurationError("KC_API_TOKENS: write name:scope+scope=token, with commas between systems.")
    scopes = frozenset(found["scopes"].split("+"))
    if not scopes <= SCOPES:
        raise ConfigurationError(f"KC_API_TOKENS: the scopes of {found['name']} are of {', '.join(sorted(SCOPES))}.")
    if len(found["token"]) < SHORTEST:
        raise ConfigurationError(f"KC_API_TOKENS: the token of {found['name']} is shorter than {SHORTEST} characters.")
    return System(found["name"], scopes, _hash(found["token"]))


class ApiDoor:
    """Recognises the system behind a request by its bearer token."""

    def __init__(self, systems: Sequence[System]) -> None:
        self._systems = systems

    def may(self, scope: str) -> Callable[[Request], Awaitable[str]]:
        """Return a dependency that gives the system's name, or raises an error of ours."""

        async def recognised(request: Request) -> str:
            system = self._behind(request.headers.get("authorization", ""))
            if scope not in system.scopes:
                raise ScopeMissingError
            return system.name

        return recognised

    def _behind(self, header: str) -> System:
        kind, _, token = header.partition(" ")
        sent = _hash(token.strip())
        matching = [one for one in self._systems if hmac.compare_digest(one.token_hash, sent)]  # all, in equal time
        if kind.lower() != "bearer" or not matching:
            raise UnknownSystemError
        return matching[0]


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
