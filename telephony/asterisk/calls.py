"""The legs that this controller holds on Asterisk, and what is asked of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import structlog

from core.clock import Clock
from core.ids import LegId
from telephony import line
from telephony.asterisk import listening
from telephony.asterisk.ari import Ari, AriConflictError, AriRefusedError, EndpointUnknownError
from telephony.asterisk.bridges import Bridges
from telephony.asterisk.causes import reason_code
from telephony.asterisk.legs import AsteriskLeg, Background
from telephony.asterisk.placing import Endpoints, originate_body
from telephony.asterisk.reading import Reading
from telephony.errors import LegGoneError, LegNotAnsweredError, SwitchUnavailableError
from telephony.line import Report
from telephony.model import (
    Ask,
    Bridge,
    CallEvent,
    EndCause,
    HangUp,
    Hold,
    LegEnded,
    LegRole,
    LegsBridged,
    Ring,
    Say,
    Utterance,
)
from telephony.reports import event_of

_log = structlog.get_logger()


class Voice(Protocol):
    """Turns something to be said into a sound on the switch's disk."""

    def ready(self, utterance: Utterance) -> str | None:
        """Return the media URI of a sound that is there already, at once."""
        ...

    async def sound(self, utterance: Utterance) -> str:
        """Return the media URI, such as ``sound:/folder/name``, making the sound if need be."""
        ...


class Calls:
    """Everything that is known between one connection to the switch and its loss."""

    def __init__(
        self,
        *,
        turn: int,
        ari: Ari,
        voice: Voice,
        clock: Clock,
        endpoints: Endpoints,
        emit: Callable[[CallEvent], None],
    ) -> None:
        self.legs: dict[LegId, AsteriskLeg] = {}
        self.background = Background()
        self.reading = Reading()
        self.bridges = Bridges(ari, self.legs)
        self._turn = turn
        self._ari = ari
        self._voice = voice
        self._clock = clock
        self._endpoints = endpoints
        self._emit = emit

    def add(self, leg: LegId, *, role: LegRole, placed: bool, answered: bool) -> AsteriskLeg:
        """Know of one more leg."""
        known = AsteriskLeg(
            leg,
            role=role,
            turn=self._turn,
            ari=self._ari,
            background=self.background,
            report=self._report,
            reading=self.reading,
        )
        known.placed, known.answered = placed, answered
        self.legs[leg] = known
        return known

    def find(self, leg: LegId) -> AsteriskLeg:
        """Return a living leg that can be heard; raises :class:`LegGoneError` or :class:`LegNotAnsweredError`."""
        if leg not in self.legs:
            raise LegGoneError(leg)
        if self.legs[leg].placed and not self.legs[leg].answered:
            raise LegNotAnsweredError(leg)
        return self.legs[leg]

    async def forget(self) -> None:
        """Stop all timers and requests; the legs themselves live on at the switch."""
        for leg in self.legs.values():
            leg.forget()
        self.legs.clear()
        await self.background.finish()

    # --- what is asked ------------------------------------------------------------------------------------------------

    async def answer(self, leg: AsteriskLeg) -> None:
        """Take the call; once is enough."""
        if leg.answered:
            return
        await self._ari.request("POST", "channels", leg.leg, "answer")
        leg.answered = True

    async def speak(self, leg: AsteriskLeg, action: Say | Ask) -> None:
        """Say or ask. What has no sound is left out, and a prompt without any sound counts as heard."""
        leg.asked += 1
        mine = leg.asked
        media = await self._sounds(leg.leg, action.utterances)
        if leg.asked != mine:
            return  # replaced while its sound was made
        if self.legs.get(leg.leg) is not leg:
            raise LegGoneError(leg.leg)
        if not media:
            action = replace(action, utterances=())
        now = asyncio.get_running_loop().time()
        following = line.say(leg.line, action) if isinstance(action, Say) else line.ask(leg.line, action, now=now)
        await leg.do(following, media=media)

    async def hold(self, leg: AsteriskLeg, action: Hold) -> None:
        """Play music; a leg in a bridge leaves it, or is spared."""
        if leg.bridge and action.spares_talk:
            return
        leg.asked += 1
        if leg.bridge:
            await self.bridges.dissolve(leg.bridge)
        await leg.do(line.hold(leg.line, action))

    async def ring(self, action: Ring) -> None:
        """Place a leg, once; a target that cannot be rung ends it as unreachable."""
        if action.leg in self.legs:
            return
        endpoint = self._endpoints.of(action)
        leg = self.add(action.leg, role=action.role, placed=True, answered=False)
        leg.listens = action.listen
        try:
            if endpoint is None:
                raise EndpointUnknownError
            await self._ari.request(
                "POST", "channels", body=originate_body(action, endpoint=endpoint, app=self._ari.app)
            )
        except AriConflictError:
            _log.info("leg_placed_before", leg=action.leg)
        except (EndpointUnknownError, LegGoneError, AriRefusedError):
            self.end(leg, EndCause.UNREACHABLE)
        except SwitchUnavailableError:
            self.legs.pop(action.leg, None)
            self.background.run(self._ari.request("DELETE", "channels", action.leg), leg=action.leg)
            raise

    async def listen(self, leg: AsteriskLeg) -> None:
        """Have an ear of the switch find out who has answered; what is said on the leg goes on meanwhile."""
        await self._ari.request(
            "POST", "channels", leg.leg, "snoop", body=listening.ear_body(leg.leg, app=self._ari.app)
        )

    async def attend(self, ear: LegId) -> None:
        """Let an ear listen: in the dialplan, from which it comes back when it knows."""
        await self._ari.request("POST", "channels", ear, "continue", query=listening.ATTEND)

    async def bridge(self, action: Bridge) -> None:
        """Connect two legs; one that nobody has answered yet is answered."""
        pair = [self.find(leg) for leg in action.legs]
        await self.bridges.connect(action.bridge, pair, before=self.answer)
        self._emit(LegsBridged(occurred_at=self._clock.now(), bridge=action.bridge, legs=action.legs))

    async def hang_up(self, action: HangUp) -> None:
        """End a leg, known to us or not; its end is reported when the switch tells of it."""
        leg = self.legs.get(action.leg)
        if leg is not None:
            leg.leaving, leg.hung_up = True, action.cause
        try:
            reason = {"reason_code": reason_code(action.cause)}
            await self._ari.request("DELETE", "channels", action.leg, query=reason, at_once=True)
        except LegGoneError:
            pass  # its end is told, or has been
        except SwitchUnavailableError:
            if leg is not None:
                leg.leaving, leg.hung_up = False, None
            raise

    # --- what happens -------------------------------------------------------------------------------------------------

    def end(self, leg: AsteriskLeg, cause: EndCause) -> None:
        """Take note that a leg is gone; its partner in a bridge is left alone and silent."""
        if self.legs.pop(leg.leg, None) is None:
            return
        leg.forget()
        if leg.bridge:
            self.background.run(self.bridges.dissolve(leg.bridge), leg=leg.leg)
        ours = leg.hung_up is not None
        self._emit(LegEnded(occurred_at=self._clock.now(), leg=leg.leg, cause=leg.hung_up or cause, by_us=ours))

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _sounds(self, leg: LegId, utterances: tuple[Utterance, ...]) -> tuple[str, ...]:
        ready = [self._voice.ready(each) for each in utterances]
        if None not in ready:
            return tuple(filter(None, ready))
        return await self._made(leg, utterances)

    async def _made(self, leg: LegId, utterances: tuple[Utterance, ...]) -> tuple[str, ...]:
        made = await asyncio.gather(*(self._voice.sound(each) for each in utterances), return_exceptions=True)
        for utterance, result in zip(utterances, made, strict=True):
            if isinstance(result, asyncio.CancelledError):
                raise result
            if isinstance(result, BaseException):
                _log.error("prompt_without_sound", leg=leg, wording=utterance.wording, reason=type(result).__name__)
        return tuple(result for result in made if isinstance(result, str))

    def _report(self, leg: LegId, report: Report) -> None:
        self._emit(event_of(report, leg=leg, at=self._clock.now()))
