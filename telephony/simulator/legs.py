"""One leg of a simulated call: carries out what ``telephony.line`` decides, on a phone instead of on audio."""

from collections.abc import Callable
from functools import partial
from typing import assert_never

from core.ids import LegId
from telephony import line
from telephony.line import Effect, Line, Next, Play, Report, StartMusic, StopMusic, StopPlaying
from telephony.model import LegRole, Utterance
from telephony.simulator.phone import SimulatedPhone, Sound, SoundKind
from telephony.timers import TimerHandle, Timers


class SimulatedLeg:
    """What the exchange knows of one leg."""

    def __init__(
        self,
        *,
        leg: LegId,
        role: LegRole,
        phone: SimulatedPhone,
        timers: Timers,
        seconds_per_character: float,
        report: Callable[[LegId, Report], None],
    ) -> None:
        self.leg = leg
        self.role = role
        self.phone = phone
        self.called = ""
        self.caller = ""
        self.display_name = ""
        self.announced = False
        self.answered = False
        self.bridge = ""
        self.on_hold = False
        self.listens = False
        self.line = Line()
        self._timers = timers
        self._seconds_per_character = seconds_per_character
        self._report = report
        self._speaking: TimerHandle | None = None
        self._waiting: TimerHandle | None = None
        self.ring_timer: TimerHandle | None = None

    @property
    def now(self) -> float:
        """The steady time on which the line's deadlines run."""
        return self._timers.time()

    @property
    def asks(self) -> bool:
        """Whether a question waits for keys, also while it is still being said."""
        return self.line.prompt is not None and self.line.prompt.collecting is not None

    def go_on(self, following: Next) -> None:
        """Take over the next state of the line and carry out its effects."""
        self.line, effects = following
        for effect in effects:
            self._carry_out(effect)
        self._notice_silence()
        self._set_timer()

    def press(self, key: str) -> None:
        """Take a key from the phone."""
        self.go_on(line.key_pressed(self.line, key, now=self.now))

    def forget_question(self) -> None:
        """Lose what only a controller remembers, as when it has died: music plays on, questions are gone."""
        _cancel(self._waiting)
        _cancel(self._speaking)
        music = line.Music() if self.line.music is not None else None
        self.line = Line(music=music, last_prompt=self.line.last_prompt)

    def ended(self) -> None:
        """Stop all timers of a leg that is gone."""
        for timer in (self._speaking, self._waiting, self.ring_timer):
            _cancel(timer)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Play():
                self._speak(effect.prompt, effect.utterances)
            case StopPlaying():
                _cancel(self._speaking)
            case StartMusic():
                self.phone.notice(Sound(SoundKind.MUSIC))
            case StopMusic():
                self.phone.notice(Sound(SoundKind.SILENCE))
            case Report():
                self._report(self.leg, effect)
            case _:
                assert_never(effect)

    def _notice_silence(self) -> None:
        sounding = self.line.prompt is not None and self.line.prompt.sounding
        if sounding or self.phone.hears is not SoundKind.SAID:
            return
        other = self.phone.connected_to
        self.phone.notice(Sound(SoundKind.SILENCE) if other is None else Sound(SoundKind.CONNECTED, other))

    def _speak(self, prompt: int, utterances: tuple[Utterance, ...]) -> None:
        for position, utterance in enumerate(utterances):
            self.phone.notice(Sound(SoundKind.SAID, utterance.text))
            seconds = len(utterance.text) * self._seconds_per_character
            if seconds > 0:
                rest = utterances[position + 1 :]
                self._speaking = self._timers.call_later(seconds, partial(self._speak, prompt, rest))
                return
        self.go_on(line.prompt_ended(self.line, prompt, now=self.now))

    def _set_timer(self) -> None:
        _cancel(self._waiting)
        if self.line.deadline is not None:
            delay = self.line.deadline - self.now
            self._waiting = self._timers.call_later(max(0.0, delay), self._time_reached)

    def _time_reached(self) -> None:
        self.go_on(line.time_reached(self.line, now=self.now))


def _cancel(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
