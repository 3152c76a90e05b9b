"""A small, real OpenID Connect provider over HTTP: it checks PKCE and signs with a key of its own."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey


class OidcProvider:
    """Logs everybody in as ``person``. What it says can be bent, to see that a liar is not believed."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.issuer = ""
        self.person: dict[str, Any] = {}
        self.bent: dict[str, Any] = {}
        self.sign_with: RSAKey | None = None
        self.now = 0
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def consent(self, query: dict[str, str]) -> dict[str, str]:
        """The person has logged in here: what the browser brings back to the client."""
        self.asked.append(query)
        code = f"code-{len(self.asked)}"
        self._codes[code] = query
        return {"code": code, "state": query["state"]}

    async def configuration(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        began = self._codes.pop(str(form["code"]), None)
        made = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        if began is None or made.decode() != began["code_challenge"] or form["client_secret"] != "client secret":
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {
            "iss": self.issuer,
            "aud": form["client_id"],
            "sub": "1",
            "exp": self.now + 60,
            "iat": self.now,
            "nonce": began["nonce"],
        }
        signed = jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims | self.person | self.bent, self.sign_with or self.key
        )
        return web.Response(text=json.dumps({"id_token": signed}), content_type="application/json")


@asynccontextmanager
async def oidc_provider() -> AsyncIterator[OidcProvider]:
    provider = OidcProvider()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.configuration)
    app.router.add_get("/keys", provider.keys)
    app.router.add_post("/token", provider.token)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()
