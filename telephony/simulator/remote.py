"""Simulated telephones whose buttons are in another process: on the demo page, or on an agent's desk."""

from collections.abc import Callable, Mapping

import structlog
from redis.asyncio import Redis

from telephony import wire
from telephony.phone_feed import PhoneFeed
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, Sound

INPUT = "kc:simulator:input"
_MOST_KEYS = 32
_MACHINE = "machine"
_log = structlog.get_logger()


class RemotePhones:
    """The buttons. Each raises :class:`~telephony.errors.SwitchUnavailableError` when Redis does not take it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def call(self, phone: str, number: str) -> None:
        """Let this telephone ring one of our numbers."""
        await self._ask("call", phone, number)

    async def press(self, phone: str, keys: str) -> None:
        """Press keys on it."""
        await self._ask("press", phone, keys)

    async def answer(self, phone: str, *, as_machine: bool = False) -> None:
        """Take the call that rings on it, or let its answering machine do so."""
        await self._ask("answer", phone, _MACHINE if as_machine else "")

    async def reject(self, phone: str) -> None:
        """Turn down the call that rings on it."""
        await self._ask("reject", phone)

    async def hang_up(self, phone: str) -> None:
        """Put its receiver down."""
        await self._ask("hang_up", phone)

    async def plug_in(self, phone: str) -> None:
        """Let there be this telephone, so that it can be rung."""
        await self._ask("plug_in", phone)

    async def _ask(self, what: str, phone: str, argument: str = "") -> None:
        await wire.ask(self._redis, INPUT, {"do": what, "phone": phone, "with": argument})


def told_to(feed: PhoneFeed) -> Callable[[str, Sound], None]:
    """Return the ``on_sound`` of a simulator whose telephones are shown from ``feed``."""
    return lambda phone, sound: feed.tell(phone, kind=sound.kind, text=sound.text)


async def obey_remote_phones(redis: Redis, simulator: LineSimulator) -> None:
    """Do in the controller's process what the buttons ask, for as long as it is run.

    Wants a client of its own, without a socket time-out, and raises its errors of connection: run it again then.
    """
    async for entry in wire.asked(redis, INPUT):
        _obey(simulator, entry)


def _obey(simulator: LineSimulator, entry: Mapping[str, str]) -> None:
    phone, argument, button = entry.get("phone", ""), entry.get("with", ""), entry.get("do", "")
    if not phone or button not in _BUTTONS:
        _log.warning("button_unknown", button=button[:20])
        return
    _BUTTONS[button](simulator, simulator.phone(phone), argument)


def _call(simulator: LineSimulator, phone: SimulatedPhone, number: str) -> None:
    if not phone.in_call:
        simulator.call(number, caller=phone.number)


_BUTTONS: dict[str, Callable[[LineSimulator, SimulatedPhone, str], None]] = {
    "call": _call,
    "press": lambda _, phone, keys: phone.press(keys[:_MOST_KEYS]),
    "answer": lambda _, phone, who: phone.answer(as_machine=who == _MACHINE),
    "reject": lambda _, phone, __: phone.reject(),
    "hang_up": lambda _, phone, __: phone.hang_up(),
    "plug_in": lambda _, phone, __: None,  # asking for it was enough
}
