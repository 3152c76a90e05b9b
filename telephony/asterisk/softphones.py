"""Give softphones their secrets while the switch runs: short-lived, in the switch's memory only, never in a file.

Asterisk forgets them when it restarts; whoever handed one out hands it out again when the phone next asks.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp

from telephony.asterisk.settings import check_line_name, check_secret
from telephony.errors import SwitchUnavailableError

_Fields = Mapping[str, str]


class SoftphoneSecrets:
    """Pushes secrets to a running switch over ARI. Use as an async context manager."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        sign_in = aiohttp.encode_basic_auth(user, password)
        self._base_url = base_url
        self._session = aiohttp.ClientSession(
            headers={"Authorization": sign_in}, timeout=aiohttp.ClientTimeout(total=3)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def set_secret(self, name: str, secret: str) -> None:
        """Let the softphone ``name`` register with ``secret`` from now on, and with no older one.

        Only for lines that were configured without a password. Raises
        :class:`~telephony.asterisk.settings.SwitchSettingsError` and
        :class:`~telephony.errors.SwitchUnavailableError`.
        """
        fields = {"auth_type": "digest", "username": check_line_name(name), "password": check_secret(secret)}
        await self._put("auth", name, fields)

    async def add_agent(self, name: str, secret: str) -> None:
        """Make a browser softphone for an agent who was not known when the switch started, with this secret."""
        await self.set_secret(name, secret)
        await self._put("aor", name, _PLACE)
        await self._put("endpoint", name, {**_BROWSER, "auth": name, "aors": name, "context": "nowhere"})

    async def revoke(self, name: str) -> None:
        """Let the softphone register no more; one that never could is no error."""
        await self._send("DELETE", "auth", check_line_name(name), None, accepted=(200, 204, 404))

    async def _put(self, kind: str, name: str, fields: _Fields) -> None:
        body = {"fields": [{"attribute": key, "value": value} for key, value in fields.items()]}
        await self._send("PUT", kind, name, body, accepted=(200,))

    async def _send(
        self, method: str, kind: str, name: str, body: Mapping[str, object] | None, *, accepted: tuple[int, ...]
    ) -> None:
        address = f"{self._base_url}/ari/asterisk/config/dynamic/res_pjsip/{kind}/{name}"
        try:
            async with self._session.request(method, address, json=body) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SwitchUnavailableError("A softphone's secret was not taken.") from error
        if status not in accepted:
            raise SwitchUnavailableError(f"A softphone's secret was refused ({status}).")


_PLACE: _Fields = {
    "max_contacts": "1",
    "remove_existing": "yes",
    "remove_unavailable": "yes",
    "qualify_frequency": "5",
    "qualify_timeout": "2",
    "default_expiration": "120",
    "minimum_expiration": "30",
    "maximum_expiration": "600",
}
_BROWSER: _Fields = {
    "webrtc": "yes",
    "dtls_auto_generate_cert": "yes",
    "allow": "!all,ulaw,alaw",
    "direct_media": "no",
    "send_connected_line": "no",
    "allow_subscribe": "no",
    "media_address": "127.0.0.1",
    "bind_rtp_to_media_address": "yes",
    "dtmf_mode": "rfc4733",
    "rtp_timeout": "10",
    "language": "sv",
}
