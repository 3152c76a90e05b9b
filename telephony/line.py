"""What one leg is doing: the prompt, the question and the music on it, as pure decisions.

Every switch drives this: it feeds in what was asked and what happened, keeps the new :class:`Line`, carries out the
effects in order, and sees to it that :func:`time_reached` is called at ``line.deadline`` (steady seconds).
"""

from dataclasses import dataclass, replace

from telephony import digits
from telephony.digits import Collecting, NothingPressed, Pressed
from telephony.model import Ask, Hold, Say, Utterance

# --- effects: what the driver shall do ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Play:
    """Play these one after the other, then feed in :func:`prompt_ended` with this number."""

    prompt: int
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True)
class StopPlaying:
    """Silence the prompt with this number."""

    prompt: int


@dataclass(frozen=True)
class StartMusic:
    """Let the leg hear music."""


@dataclass(frozen=True)
class StopMusic:
    """Let the music end."""


@dataclass(frozen=True)
class Heard:
    """Report that a ``Say`` was heard to its end."""


@dataclass(frozen=True)
class Report:
    """Report what became of a question, a key during music, or a ``Say``, under the ref that it was asked with."""

    what: Pressed | NothingPressed | Heard
    ref: str


Effect = Play | StopPlaying | StartMusic | StopMusic | Report


# --- state ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prompt:
    """A ``Say`` (without ``collecting``) or an ``Ask`` under way."""

    number: int
    ref: str
    collecting: Collecting | None = None

    @property
    def sounding(self) -> bool:
        """Whether it is still heard; a question waits on in silence after its prompt."""
        return self.collecting is None or self.collecting.prompt_playing


@dataclass(frozen=True)
class Music:
    """Music until something else is asked, and the keys to report meanwhile."""

    listen_for: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Line:
    """One leg's prompt and music. ``last_prompt`` numbers the prompts, so that a late end of an old one is known."""

    prompt: Prompt | None = None
    music: Music | None = None
    last_prompt: int = 0

    @property
    def deadline(self) -> float | None:
        """When :func:`time_reached` has something to do, in steady seconds."""
        return self.prompt.collecting.deadline if self.prompt and self.prompt.collecting else None

    @property
    def music_audible(self) -> bool:
        """Whether the music plays just now; an announcement pauses it."""
        return self.music is not None and self.prompt is None


Next = tuple[Line, tuple[Effect, ...]]


# --- what is asked of the leg ---------------------------------------------------------------------------------------


def say(line: Line, action: Say) -> Next:
    """Begin an announcement in place of a prompt under way; music pauses until it has ended."""
    number = line.last_prompt + 1
    effects = _hush(line)
    begun = replace(line, prompt=Prompt(number, action.ref), last_prompt=number)
    if action.utterances:
        return begun, (*effects, Play(number, action.utterances))
    ended, more = _said(begun, Prompt(number, action.ref))
    return ended, (*effects, *more)


def ask(line: Line, action: Ask, *, now: float) -> Next:
    """Begin a question in place of a prompt under way and of music."""
    number = line.last_prompt + 1
    collecting = digits.begin(action.collect)
    effects = _hush(line)
    if action.utterances:
        effects = (*effects, Play(number, action.utterances))
    else:
        collecting = digits.prompt_ended(collecting, now=now)
    return Line(prompt=Prompt(number, action.ref, collecting), last_prompt=number), effects


def hold(line: Line, action: Hold) -> Next:
    """Begin music in place of a prompt under way; music that already plays goes on without a gap."""
    effects: tuple[Effect, ...] = () if line.music_audible else (*_hush(line), StartMusic())
    return replace(line, prompt=None, music=Music(action.listen_for, action.ref)), effects


def silence(line: Line) -> Next:
    """End prompts and music, as before a bridge."""
    return Line(last_prompt=line.last_prompt), _hush(line)


# --- what happens on the leg ----------------------------------------------------------------------------------------


def prompt_ended(line: Line, number: int, *, now: float) -> Next:
    """Take note that a prompt was played to its end; one that was replaced or silenced is ignored."""
    prompt = line.prompt
    if prompt is None or prompt.number != number:
        return line, ()
    if prompt.collecting is None:
        return _said(line, prompt)
    return _collected(line, prompt, digits.prompt_ended(prompt.collecting, now=now))


def key_pressed(line: Line, key: str, *, now: float) -> Next:
    """Take a key: it belongs to the question if there is one, else to the music."""
    if line.prompt is not None and line.prompt.collecting is not None:
        return _collected(line, line.prompt, digits.key_pressed(line.prompt.collecting, key, now=now))
    if line.music is not None and key in digits.KEYS and key in line.music.listen_for:
        return line, (Report(Pressed(key), line.music.ref),)
    return line, ()


def time_reached(line: Line, *, now: float) -> Next:
    """End a question whose time is up."""
    if line.prompt is None or line.prompt.collecting is None:
        return line, ()
    return _collected(line, line.prompt, digits.time_reached(line.prompt.collecting, now=now))


def _hush(line: Line) -> tuple[Effect, ...]:
    """What must be silenced before something else is heard."""
    if line.music_audible:
        return (StopMusic(),)
    return (StopPlaying(line.prompt.number),) if line.prompt is not None and line.prompt.sounding else ()


def _said(line: Line, prompt: Prompt) -> Next:
    again: tuple[Effect, ...] = (StartMusic(),) if line.music is not None else ()
    return replace(line, prompt=None), (*again, Report(Heard(), prompt.ref))


def _collected(line: Line, before: Prompt, collecting: Collecting) -> Next:
    after = replace(before, collecting=collecting)
    hushed = before.sounding and not after.sounding and (collecting.digits or collecting.outcome is not None)
    effects: tuple[Effect, ...] = (StopPlaying(before.number),) if hushed else ()
    if collecting.outcome is None:
        return replace(line, prompt=after), effects
    return replace(line, prompt=None), (*effects, Report(collecting.outcome, before.ref))
