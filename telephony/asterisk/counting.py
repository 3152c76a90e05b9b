"""Counts, every few seconds, what is on the switch: whatever events were lost, legs and conversations are known again."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from core.clock import Clock
from core.ids import LegId
from telephony.asterisk.ari import Ari, AriRefusedError
from telephony.asterisk.calls import Calls
from telephony.errors import LegGoneError, SwitchUnavailableError
from telephony.model import COUNTED_EVERY_SECONDS, CallEvent, EndCause, LegsCounted

_log = structlog.get_logger()


class LegCounter:
    """Tells what is there, and the end of legs that two counts on end did not find."""

    def __init__(self, *, ari: Ari, calls: Calls, clock: Clock, name: str, emit: Callable[[CallEvent], None]) -> None:
        self._ari, self._calls, self._clock, self._name, self._emit = ari, calls, clock, name, emit
        self._missing: frozenset[LegId] = frozenset()

    async def run(self) -> None:
        """Count until cancelled. A count that fails is left out."""
        while True:
            await asyncio.sleep(COUNTED_EVERY_SECONDS)
            try:
                await self.count()
            except (SwitchUnavailableError, AriRefusedError, LegGoneError) as error:
                _log.info("switch_not_counted", switch=self._name, reason=type(error).__name__)

    async def count(self) -> None:
        """Count once."""
        at, known = self._clock.now(), dict(self._calls.legs)
        ringing = {leg for leg, each in known.items() if each.placed and not each.answered}  # in no application yet
        application, bridges = await asyncio.gather(
            self._ari.request("GET", "applications", self._ari.app), self._ari.request("GET", "bridges")
        )
        found = {LegId(leg) for leg in (application or {}).get("channel_ids") or ()}
        self._end_missing(frozenset(known.keys() - ringing - found) & self._calls.legs.keys())
        legs = found | (ringing & self._calls.legs.keys())
        counted = LegsCounted(
            occurred_at=at, switch=self._name, legs=tuple(sorted(legs)), bridged=tuple(sorted(legs & _members(bridges)))
        )
        self._emit(counted)

    def _end_missing(self, missing: frozenset[LegId]) -> None:
        before, self._missing = self._missing, missing
        for leg in before & missing:
            _log.warning("leg_end_unheard", leg=leg)
            self._calls.end(self._calls.legs[leg], EndCause.FAULT)


def _members(bridges: Any) -> set[LegId]:
    return {LegId(leg) for each in bridges or () for leg in each["channels"]}
