"""Asterisk as a ``Switch``: actions become ARI requests, ARI events become ours."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import assert_never

import structlog

from core.clock import Clock
from telephony.asterisk.adoption import look_around, next_turn
from telephony.asterisk.ari import Ari, AriRefusedError
from telephony.asterisk.calls import Calls, Voice
from telephony.asterisk.counting import LegCounter
from telephony.asterisk.incoming import Incoming
from telephony.asterisk.placing import Endpoints
from telephony.asterisk.translate import AriEvent
from telephony.errors import LegGoneError, SwitchTakenOverError, SwitchUnavailableError
from telephony.model import (
    Action,
    Answer,
    Ask,
    Bridge,
    CallEvent,
    HangUp,
    Hold,
    PutOnHold,
    Ring,
    Say,
    SwitchConnected,
    SwitchLost,
    TakeOffHold,
)

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_log = structlog.get_logger()


class AsteriskSwitch:
    """Drives one Asterisk. ``speech`` makes sounds of wording; ``endpoints`` says where legs are placed to."""

    def __init__(
        self,
        *,
        base_url: str,
        user: str,
        password: str,
        speech: Voice,
        clock: Clock,
        app: str = "kundcenter",
        endpoints: Endpoints | None = None,
        name: str = "asterisk",
    ) -> None:
        self._ari = Ari(base_url=base_url, user=user, password=password, app=app)
        self._speech = speech
        self._clock = clock
        self._endpoints = endpoints or Endpoints()
        self._name = name
        self._calls: Calls | None = None

    async def close(self) -> None:
        """Give back the connections to the switch."""
        await self._ari.close()

    async def perform(self, action: Action) -> None:
        """Start an action. Raises as ``telephony.ports.Switch.perform`` says."""
        if self._calls is None:
            raise SwitchUnavailableError("not connected")
        try:
            await _perform(self._calls, action)
        except AriRefusedError as error:
            raise LegGoneError from error  # it has left our hands just now

    async def ping(self) -> None:
        """Ask for a sign of life; raises :class:`SwitchUnavailableError`."""
        await self._ari.request("GET", "asterisk", "ping")

    async def events(self) -> AsyncIterator[CallEvent]:
        """Connect, adopt and yield, again and again. Raises ``SwitchTakenOverError`` when another controller connects."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            connected = False
            try:
                async with aclosing(self._one_connection()) as happenings:
                    async for event in happenings:
                        connected = True
                        yield event
            except SwitchUnavailableError as error:
                _log.warning("switch_not_reached", switch=self._name, reason=error.detail)
            if connected:
                pause = _FIRST_PAUSE_SECONDS
                yield SwitchLost(occurred_at=self._clock.now(), switch=self._name)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _one_connection(self) -> AsyncGenerator[CallEvent, None]:
        happened: asyncio.Queue[CallEvent | None] = asyncio.Queue()
        async with self._ari.listen() as stream:
            calls = await self._new_calls(happened)
            incoming = Incoming(calls=calls, clock=self._clock, emit=happened.put_nowait)
            found = await look_around(self._ari)
            adopted = [incoming.adopt(each, each.channel.role) for each in found if each.channel.role is not None]
            self._calls = calls
            reader = asyncio.get_running_loop().create_task(_read(stream, incoming, happened))
            counter = asyncio.get_running_loop().create_task(self._counter(calls, happened).run())
            try:
                for event in adopted:
                    yield event
                legs = tuple(event.leg for event in adopted)
                yield SwitchConnected(occurred_at=self._clock.now(), switch=self._name, legs=legs)
                while (fact := await happened.get()) is not None:
                    yield fact
                await reader
            finally:
                self._calls = None
                for task in (reader, counter):
                    task.cancel()
                await asyncio.gather(reader, counter, return_exceptions=True)
                await calls.forget()

    def _counter(self, calls: Calls, happened: "asyncio.Queue[CallEvent | None]") -> LegCounter:
        return LegCounter(ari=self._ari, calls=calls, clock=self._clock, name=self._name, emit=happened.put_nowait)

    async def _new_calls(self, happened: "asyncio.Queue[CallEvent | None]") -> Calls:
        return Calls(
            turn=await next_turn(self._ari),
            ari=self._ari,
            voice=self._speech,
            clock=self._clock,
            endpoints=self._endpoints,
            emit=happened.put_nowait,
        )


async def _read(
    stream: AsyncIterator[AriEvent], incoming: Incoming, happened: "asyncio.Queue[CallEvent | None]"
) -> None:
    try:
        async for event in stream:
            try:
                incoming.take(event)
            except SwitchTakenOverError:
                raise
            except Exception:
                # One event that we mishandle must not take every other call with it.
                leg = getattr(getattr(event, "channel", None), "leg", "")
                _log.exception("event_not_handled", leg=leg, event_type=type(event).__name__)
    finally:
        happened.put_nowait(None)


async def _perform(calls: Calls, action: Action) -> None:
    match action:
        case Ring():
            await calls.ring(action)
        case Bridge():
            await calls.bridge(action)
        case HangUp():
            await calls.hang_up(action)
        case _:
            await _on_one_leg(calls, action)


async def _on_one_leg(calls: Calls, action: Answer | Say | Ask | Hold | PutOnHold | TakeOffHold) -> None:
    leg = calls.find(action.leg)
    match action:
        case Answer():
            await calls.answer(leg)
        case Say() | Ask():
            await calls.speak(leg, action)
        case Hold():
            await calls.hold(leg, action)
        case PutOnHold():
            await calls.bridges.put_on_hold(leg)
        case TakeOffHold():
            await calls.bridges.take_off_hold(leg)
        case _:
            assert_never(action)
