"""What a controller finds when it connects: the channels and bridges that are already in its application."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

from core.ids import LegId
from telephony.asterisk.ari import Ari, AriRefusedError
from telephony.asterisk.bridges import HELD_FROM
from telephony.asterisk.translate import Channel, parse_channel
from telephony.errors import LegGoneError

_TURN = "KC_TURN"


@dataclass(frozen=True, kw_only=True)
class Found:
    """One channel of ours, and the bridge that it is in or is held from."""

    channel: Channel
    bridge: str = ""
    on_hold: bool = False


async def next_turn(ari: Ari) -> int:
    """Count this connection, on the switch, so that no two connections of its life have the same number."""
    answer = await ari.request("GET", "asterisk", "variable", query={"variable": _TURN})
    before = str((answer or {}).get("value") or "0")
    turn = int(before) + 1 if before.isdigit() else 1
    await ari.request("POST", "asterisk", "variable", query={"variable": _TURN, "value": str(turn)})
    return turn


async def look_around(ari: Ari) -> list[Found]:
    """Return each channel that is ours.

    Bridges that nobody is in or belongs to are destroyed; a channel in our application that came by no way of ours is
    hung up, since nobody would ever serve it.
    """
    application, channels, bridges = await asyncio.gather(
        ari.request("GET", "applications", ari.app), ari.request("GET", "channels"), ari.request("GET", "bridges")
    )
    ours = set((application or {}).get("channel_ids") or ())
    members = {str(each["id"]): set(each["channels"]) for each in bridges or () if each["bridge_class"] == "stasis"}
    in_bridge = {leg: bridge for bridge, legs in members.items() for leg in legs}
    seen = await asyncio.gather(
        *(_with_role(ari, parse_channel(each)) for each in channels or () if each["id"] in ours)
    )
    found = [Found(channel=each, bridge=in_bridge.get(each.leg, "")) for each in seen if each.role is not None]
    # Only a bridge with one leg in it can have another that is on hold.
    alone = {bridge for bridge, legs in members.items() if len(legs) == 1}
    if alone:
        found = list(await asyncio.gather(*(_held(ari, each, alone) for each in found)))
    kept = {each.bridge for each in found}
    strays = [each.leg for each in seen if each.role is None and each.app == ari.app]
    await asyncio.gather(
        *(_remove(ari, "bridges", bridge) for bridge in members if bridge not in kept),
        *(_remove(ari, "channels", leg) for leg in strays),
    )
    return found


async def _with_role(ari: Ari, channel: Channel) -> Channel:
    """A channel that still rings is not in the application yet; it carries its role as a variable."""
    if channel.role is not None or channel.up:
        return channel
    role = await _variable(ari, channel.leg, "KC_ROLE")
    return replace(channel, arguments=("placed", role))


async def _held(ari: Ari, found: Found, alone: set[str]) -> Found:
    if found.bridge:
        return found
    bridge = await _variable(ari, found.channel.leg, HELD_FROM)
    return replace(found, bridge=bridge, on_hold=True) if bridge in alone else found


async def _variable(ari: Ari, leg: LegId, name: str) -> str:
    try:
        answer = await ari.request("GET", "channels", leg, "variable", query={"variable": name})
    except (LegGoneError, AriRefusedError):
        return ""
    return str((answer or {}).get("value") or "")


async def _remove(ari: Ari, kind: str, name: str) -> None:
    with suppress(LegGoneError, AriRefusedError):
        await ari.request("DELETE", kind, name)
