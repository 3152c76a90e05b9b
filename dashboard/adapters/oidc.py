"""The organisation's own log-in over OpenID Connect: authorization code with PKCE (RFC 7636), checked ID token."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.clock import Clock
from core.ids import AgentId
from dashboard.errors import LoginRefusedError, LoginServiceError
from dashboard.sessions import NewSecret
from dashboard.users import Role, User

_SIGNATURES = ["RS256", "PS256", "ES256"]


@dataclass(frozen=True, kw_only=True)
class OidcSettings:
    """Where and as whom we log people in.

    ``agent_claim`` names the agent; ``role_claim`` lists groups, which ``roles`` maps to our roles. Nobody without a
    mapped role gets in.
    """

    issuer: str
    client_id: str
    client_secret: str
    return_address: str
    roles: Mapping[str, Role]
    agent_claim: str = "preferred_username"
    name_claim: str = "name"
    role_claim: str = "groups"
    scope: str = "openid profile"


class OidcLogin:
    """Sends a person to the organisation's log-in, and takes them back."""

    def __init__(self, *, settings: OidcSettings, clock: Clock, new_secret: NewSecret, signing_key: str) -> None:
        self._settings = settings
        self._clock = clock
        self._new_secret = new_secret
        self._signer = URLSafeTimedSerializer(signing_key, salt="kundcenter oidc")
        self._told: dict[str, Any] = {}

    async def start(self) -> tuple[str, str]:
        """Return where to send the browser, and what it must bring back (for a cookie of ten minutes)."""
        told = await self._provider()
        pending = {name: self._new_secret() for name in ("state", "nonce", "verifier")}
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.return_address,
            "scope": self._settings.scope,
            "state": pending["state"],
            "nonce": pending["nonce"],
            "code_challenge": create_s256_code_challenge(pending["verifier"]),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in told["authorization_endpoint"] else "?"
        return f"{told['authorization_endpoint']}{joint}{urlencode(query)}", self._signer.dumps(pending)

    async def finish(self, answer: Mapping[str, str], *, pending: str) -> User:
        """Return who came back; raises :class:`LoginRefusedError` or :class:`LoginServiceError`."""
        try:
            began: dict[str, str] = self._signer.loads(pending, max_age=600)
        except BadData:
            raise LoginRefusedError from None
        if not answer.get("code") or not hmac.compare_digest(answer.get("state", ""), began["state"]):
            raise LoginRefusedError
        token = await self._exchange(answer["code"], began["verifier"])
        return self._user(await self._claims(token, began["nonce"]))

    async def _exchange(self, code: str, verifier: str) -> str:
        told = await self._provider()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.return_address,
            "client_id": self._settings.client_id,
            "code_verifier": verifier,
        }
        if self._settings.client_secret:
            form["client_secret"] = self._settings.client_secret
        answer = await _ask("POST", told["token_endpoint"], form)
        if not isinstance(answer.get("id_token"), str):
            raise LoginServiceError
        return str(answer["id_token"])

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        keys = await _ask("GET", (await self._provider())["jwks_uri"])
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=60,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_SIGNATURES).claims  # type: ignore[arg-type]
            rules.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise LoginRefusedError from error
        return claims

    def _user(self, claims: Mapping[str, Any]) -> User:
        groups = claims.get(self._settings.role_claim) or []
        held = {groups} if isinstance(groups, str) else {str(group) for group in groups}
        roles = frozenset(role for group, role in self._settings.roles.items() if group in held)
        agent = str(claims.get(self._settings.agent_claim) or "")
        if not roles or not agent or len(agent) > 80:
            raise LoginRefusedError
        return User(id=AgentId(agent), name=str(claims.get(self._settings.name_claim) or agent)[:80], roles=roles)

    async def _provider(self) -> dict[str, Any]:
        if not self._told:
            address = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            told = await _ask("GET", address)
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if told.get("issuer") != self._settings.issuer or not all(isinstance(told.get(one), str) for one in needed):
                raise LoginServiceError
            self._told = told
        return self._told


async def _ask(method: str, address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Ask the log-in service, within five seconds, following nobody elsewhere."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client,
            client.request(method, address, data=form, allow_redirects=False) as answer,
        ):
            told = await answer.json(content_type=None) if answer.status == 200 else None
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise LoginServiceError(type(error).__name__) from error
    if not isinstance(told, dict):
        raise LoginServiceError
    return told
