"""A simulated telephone: what a person outside holds in their hand."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from telephony.model import EndCause


class SoundKind(StrEnum):
    """What a person notices of their telephone."""

    RINGING = "ringing"
    ANSWERED = "answered"
    SAID = "said"
    MUSIC = "music"
    SILENCE = "silence"
    CONNECTED = "connected"
    ENDED = "ended"


@dataclass(frozen=True)
class Sound:
    """One thing that was noticed: ``text`` is what was said, who one is connected to, or why it ended."""

    kind: SoundKind
    text: str = ""


class PhoneLine(Protocol):
    """What the phone's leg in the exchange does when its owner does something."""

    @property
    def asks(self) -> bool:
        """Whether a question waits for keys, also while it is still being said."""
        ...

    def press(self, key: str) -> None:
        """Send one key."""
        ...

    def hang_up(self) -> None:
        """Put the receiver down."""
        ...

    def answer(self) -> None:
        """Take a call that rings."""
        ...

    def reject(self, cause: EndCause) -> None:
        """Turn down a call that rings."""
        ...


class SimulatedPhone:
    """Hears and presses. One call at a time.

    ``heard`` is every text that was begun, in order, over all calls; ``sounds`` tells the rest too (music, who one is
    connected to, the end). ``ended`` is why the last call ended, ``None`` during a call.
    """

    def __init__(self, number: str, *, on_sound: Callable[[str, Sound], None] | None = None) -> None:
        self.number = number
        self.sounds: list[Sound] = []
        self.line: PhoneLine | None = None
        self.ringing = False
        self.answered = False
        self.shown_number = ""
        self.notes: Mapping[str, str] = {}
        self.is_machine = False
        self.connected_to: str | None = None
        self.ended: EndCause | None = None
        self._on_sound = on_sound
        self._changed = asyncio.Event()

    @property
    def heard(self) -> list[str]:
        """Every text that was begun, in order."""
        return [sound.text for sound in self.sounds if sound.kind is SoundKind.SAID]

    @property
    def hears(self) -> SoundKind | None:
        """What is heard just now; a prompt is ``SAID`` until it ends in ``SILENCE`` or something else."""
        return self.sounds[-1].kind if self.sounds else None

    @property
    def is_asked(self) -> bool:
        """Whether keys are waited for just now."""
        return self.line is not None and self.line.asks

    @property
    def in_call(self) -> bool:
        """Whether it rings or is in a call."""
        return self.line is not None

    def press(self, keys: str) -> None:
        """Press these keys, one after the other; without effect when there is no call."""
        for key in keys:
            if self.line is not None:
                self.line.press(key)

    def hang_up(self) -> None:
        """Put the receiver down; a call that rings is turned down."""
        if self.line is not None:
            self.line.hang_up()

    def answer(self, *, as_machine: bool = False) -> None:
        """Take the call that rings, if one does; or let an answering machine take it."""
        if self.line is not None and self.ringing:
            self.is_machine = as_machine
            self.line.answer()

    def reject(self, cause: EndCause = EndCause.REJECTED) -> None:
        """Turn down the call that rings, if one does."""
        if self.line is not None and self.ringing:
            self.line.reject(cause)

    def notice(self, sound: Sound) -> None:
        """Take in a sound. Called by the exchange."""
        self.sounds.append(sound)
        self._changed.set()
        if self._on_sound is not None:
            self._on_sound(self.number, sound)

    async def wait_until(self, condition: Callable[[], bool], *, within: float = 5.0) -> None:
        """Wait for real time until ``condition`` holds, looking at each sound; raises ``TimeoutError``."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def has_heard(self, fragment: str, *, within: float = 5.0) -> None:
        """Wait until a text that holds ``fragment`` has been begun at any time; raises ``TimeoutError``."""
        await self.wait_until(lambda: any(fragment in text for text in self.heard), within=within)
