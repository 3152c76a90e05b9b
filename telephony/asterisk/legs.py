"""One leg on Asterisk: carries out what ``telephony.line`` decides, by requests that keep their order."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, assert_never

import structlog

from core.ids import LegId
from telephony import line
from telephony.asterisk.ari import Ari, AriRefusedError
from telephony.asterisk.reading import Reading
from telephony.errors import LegGoneError, SwitchUnavailableError
from telephony.line import Effect, Line, Next, Play, Report, StartMusic, StopMusic, StopPlaying
from telephony.model import EndCause, LegRole

_PLAYBACK_NAMES = 8
"""Playbacks are numbered round, so that a new controller can silence one whose number it does not know."""

_log = structlog.get_logger()


class Background:
    """Requests that nobody waits for, such as the silencing of a prompt when a key comes."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, object], *, leg: LegId) -> None:
        """Start the work for a leg; one that is gone by then is no error, a switch that does not answer is logged."""
        task = asyncio.get_running_loop().create_task(_quietly(work, leg))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Stop what still runs."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class AsteriskLeg:
    """What the adapter knows of one leg. ``turn`` counts the connections to this switch; it is part of each playback's name."""

    def __init__(
        self,
        leg: LegId,
        *,
        role: LegRole,
        turn: int,
        ari: Ari,
        background: Background,
        report: Callable[[LegId, Report], None],
        reading: Reading,
    ) -> None:
        self.leg = leg
        self.role = role
        self.placed = False
        self.answered = False
        self.ringing = False
        self.listens = False
        self.adopted = False
        self.bridge = ""
        self.on_hold = False
        self.hung_up: EndCause | None = None
        self.leaving = False
        self.cause_code = 0
        self.asked = 0
        self.line = Line()
        self._turn = turn
        self._ari = ari
        self._background = background
        self._report = report
        self._reading = reading
        self._order = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None

    async def do(self, following: Next, *, media: tuple[str, ...] = ()) -> None:
        """Take over the next state of the line and carry out its effects.

        Raises :class:`LegGoneError`, :class:`AriRefusedError` and :class:`SwitchUnavailableError`.
        """
        effects = self._take(following)
        self._hand_over(following)
        async with self._order:
            await self._freshen()
            for effect in effects:
                await self._send(effect, media)

    def happened(self, following: Next) -> None:
        """Take over the next state, and carry out its effects without anybody waiting for it."""
        effects = self._take(following)
        if effects:
            self._background.run(self._send_in_order(effects), leg=self.leg)
        # Reported after the request is on its way, so that what is asked next comes after it.
        self._hand_over(following)

    def played(self, playback: str) -> None:
        """Take note that a playback of this leg is over."""
        prompt = self.line.prompt
        if prompt is not None and playback == self._playback(prompt.number):
            self.happened(line.prompt_ended(self.line, prompt.number, now=self._now))

    def pressed(self, key: str, *, at: float) -> None:
        """Take a key that was pressed at this moment, which may be a while ago when we read it late."""
        self.happened(line.key_pressed(self.line, key, now=at))

    def forget(self) -> None:
        """Let no timer go off any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _take(self, following: Next) -> tuple[Effect, ...]:
        self.line, effects = following
        self.forget()
        if self.line.deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(self.line.deadline, self._time_reached)
        return tuple(effect for effect in effects if not isinstance(effect, Report))

    def _hand_over(self, following: Next) -> None:
        for effect in following[1]:
            if isinstance(effect, Report):
                self._report(self.leg, effect)

    def _time_reached(self) -> None:
        if self.line.deadline is not None:
            self._background.run(self._time_is_up(self.line.deadline), leg=self.leg)

    async def _time_is_up(self, deadline: float) -> None:
        await self._reading.reaches(deadline)  # a key may have been pressed in time, and not been read yet
        if self.line.deadline == deadline:
            # A timer may go off a hair early by the loop's resolution; the deadline itself is the time then.
            self.happened(line.time_reached(self.line, now=max(self._now, deadline)))

    async def _send_in_order(self, effects: tuple[Effect, ...]) -> None:
        async with self._order:
            for effect in effects:
                await self._send(effect, ())

    async def _send(self, effect: Effect, media: tuple[str, ...]) -> None:
        match effect:
            case Play():
                await self._play(effect.prompt, media)
            case StopPlaying():
                await self._stop(self._playback(effect.prompt))
            case StartMusic():
                await self._ari.request("POST", "channels", self.leg, "moh", at_once=True)
            case StopMusic():
                await self._ari.request("DELETE", "channels", self.leg, "moh", at_once=True)
            case Report():
                pass  # handed over already
            case _:
                assert_never(effect)

    async def _play(self, prompt: int, media: tuple[str, ...]) -> None:
        if self.line.prompt is None or self.line.prompt.number != prompt:
            return  # something else has been asked of the leg while this waited for its turn
        path = ("channels", self.leg, "play", self._playback(prompt))
        await self._ari.request("POST", *path, body={"media": list(media)}, at_once=True)

    async def _stop(self, playback: str) -> None:
        with suppress(LegGoneError):  # it has just ended by itself
            await self._ari.request("DELETE", "playbacks", playback, at_once=True)

    async def _freshen(self) -> None:
        """Silence what an earlier controller left: its music, and a prompt that would hold up all that follows."""
        if not self.adopted:
            return
        self.adopted = False
        names = [self._playback(number, turn=self._turn - 1) for number in range(_PLAYBACK_NAMES)]
        music = self._ari.request("DELETE", "channels", self.leg, "moh", at_once=True)
        await asyncio.gather(music, *(self._stop(name) for name in names))

    def _playback(self, prompt: int, *, turn: int | None = None) -> str:
        return f"{self.leg}.{turn if turn is not None else self._turn}.{prompt % _PLAYBACK_NAMES}"


async def _quietly(work: Coroutine[Any, Any, object], leg: LegId) -> None:
    try:
        await work
    except (LegGoneError, AriRefusedError):
        pass  # the leg ended meanwhile; its end is reported by the switch
    except SwitchUnavailableError as error:
        _log.warning("switch_request_lost", leg=leg, reason=error.detail)
