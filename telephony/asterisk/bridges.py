"""Two legs that hear each other on Asterisk, and the one of them that is on hold meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from core.ids import LegId
from telephony import line
from telephony.asterisk.ari import Ari, AriConflictError, AriRefusedError
from telephony.asterisk.legs import AsteriskLeg
from telephony.errors import LegGoneError
from telephony.model import Hold

HELD_FROM = "KC_HELD_FROM"
"""The channel variable that names the bridge which a leg on hold belongs to."""


class Bridges:
    """Bridges have the ids that they are asked for; ``legs`` is what the controller knows of legs."""

    def __init__(self, ari: Ari, legs: Mapping[LegId, AsteriskLeg]) -> None:
        self._ari = ari
        self._legs = legs

    async def connect(
        self, bridge: str, pair: Sequence[AsteriskLeg], *, before: Callable[[AsteriskLeg], Awaitable[None]]
    ) -> None:
        """Let two legs hear each other, each after ``before``; raises :class:`LegGoneError` when one is gone."""
        for leg in pair:
            if leg.bridge and leg.bridge != bridge:
                await self.dissolve(leg.bridge)
        for leg in pair:
            leg.bridge, leg.on_hold, leg.asked = bridge, False, leg.asked + 1
        try:
            create = self._ari.request("POST", "bridges", bridge, query={"type": "mixing"})
            await asyncio.gather(create, *(_make_ready(leg, before) for leg in pair))
            await self._join(bridge, *(leg.leg for leg in pair))
        except (LegGoneError, AriRefusedError) as error:
            await self.dissolve(bridge)
            raise LegGoneError(bridge) from error

    async def put_on_hold(self, leg: AsteriskLeg) -> None:
        """Give the leg music, and let it hear nothing else; it still belongs to its bridge."""
        leg.asked += 1
        if leg.bridge and not leg.on_hold:
            leg.on_hold = True
            remember = self._remember(leg, leg.bridge)
            leave = self._ari.request("POST", "bridges", leg.bridge, "removeChannel", query={"channel": leg.leg})
            with suppress(LegGoneError, AriRefusedError):  # the other has just ended, and the bridge with it
                await asyncio.gather(remember, leave)
        await leg.do(line.hold(leg.line, Hold(leg=leg.leg)))

    async def take_off_hold(self, leg: AsteriskLeg) -> None:
        """Bring the leg back to its bridge."""
        leg.asked += 1
        leg.on_hold = False
        await leg.do(line.silence(leg.line))
        if leg.bridge:
            with suppress(LegGoneError, AriRefusedError):
                await asyncio.gather(self._join(leg.bridge, leg.leg), self._remember(leg, ""))

    async def dissolve(self, bridge: str) -> None:
        """Destroy a bridge; its legs are left alone, one on hold with its music."""
        for leg in self._legs.values():
            if leg.bridge == bridge:
                leg.bridge, leg.on_hold = "", False
        with suppress(LegGoneError, AriConflictError):  # destroyed, or being destroyed, by another hand
            await self._ari.request("DELETE", "bridges", bridge)

    async def _join(self, bridge: str, *legs: LegId) -> None:
        await self._ari.request("POST", "bridges", bridge, "addChannel", query={"channel": ",".join(legs)})

    async def _remember(self, leg: AsteriskLeg, bridge: str) -> None:
        await self._ari.request("POST", "channels", leg.leg, "variable", query={"variable": HELD_FROM, "value": bridge})


async def _make_ready(leg: AsteriskLeg, before: Callable[[AsteriskLeg], Awaitable[None]]) -> None:
    await leg.do(line.silence(leg.line))
    await before(leg)
