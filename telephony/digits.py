"""Taking digits from a caller: one pure collector for every switch, so that all of them time and end alike.

Time is any steady clock in seconds (never the wall clock, which may jump). A driver feeds in keys, the end of the
prompt and the passing of ``deadline``, and stops when there is an ``outcome``.
"""

from dataclasses import dataclass, replace

from telephony.model import Collect

KEYS = frozenset("0123456789*#")
"""The keys that a caller can press. The tones A to D exist on no telephone and are ignored."""


@dataclass(frozen=True)
class Pressed:
    """Digits were taken. ``complete`` is false when the time between two of them ran out."""

    digits: str
    complete: bool = True

    def __repr__(self) -> str:
        return f"Pressed(count={len(self.digits)}, complete={self.complete})"


@dataclass(frozen=True)
class NothingPressed:
    """No digit came in time, or the terminator alone."""


@dataclass(frozen=True)
class Collecting:
    """A collector under way, or ended when ``outcome`` is set."""

    collect: Collect
    digits: str = ""
    prompt_playing: bool = True
    deadline: float | None = None
    outcome: Pressed | NothingPressed | None = None

    def __repr__(self) -> str:
        return f"Collecting(count={len(self.digits)}, prompt_playing={self.prompt_playing}, outcome={self.outcome})"


def begin(collect: Collect) -> Collecting:
    """Start to collect while the prompt plays; say :func:`prompt_ended` at once when there is none."""
    return Collecting(collect)


def prompt_ended(state: Collecting, *, now: float) -> Collecting:
    """Start the time to the first digit. Without effect when a digit has already silenced the prompt."""
    if state.outcome is not None or not state.prompt_playing:
        return state
    return replace(state, prompt_playing=False, deadline=now + state.collect.first_seconds)


def key_pressed(state: Collecting, key: str, *, now: float) -> Collecting:
    """Take one key: drop it, add it, or end. A prompt that the key silences is no longer ``prompt_playing``."""
    if state.outcome is not None or key not in KEYS or (state.prompt_playing and not state.collect.barge_in):
        return state
    if key in state.collect.terminator:
        if state.prompt_playing and not state.digits:
            return state  # it ended the digits before this prompt, which had ended by themselves
        return _ended(state, Pressed(state.digits) if state.digits else NothingPressed())
    digits = state.digits + key
    taken = replace(state, digits=digits, prompt_playing=False, deadline=now + state.collect.between_seconds)
    return _ended(taken, Pressed(digits)) if len(digits) >= state.collect.max_digits else taken


def time_reached(state: Collecting, *, now: float) -> Collecting:
    """End when the deadline has passed: with the digits so far, or with nothing."""
    if state.outcome is not None or state.deadline is None or now < state.deadline:
        return state
    return _ended(state, Pressed(state.digits, complete=False) if state.digits else NothingPressed())


def _ended(state: Collecting, outcome: Pressed | NothingPressed) -> Collecting:
    return replace(state, prompt_playing=False, deadline=None, outcome=outcome)
