"""The terminal as a telephone: what is heard in lines, and what is typed as keys."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from telephony.simulator.phone import Sound, SoundKind

_NOTICES = {
    SoundKind.MUSIC: "♪ music",
    SoundKind.ENDED: "the call is over",
}
_WAITING = "(No agent works in this world. Press 1 to be rung back instead, or wait and listen.)"


class Keyboard:
    """The lines of a terminal, a pipe or a file; ``None`` is the end of them.

    They are taken without a thread: whoever waits for one can give up waiting, and the process can end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._typed = b""
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()

    @contextmanager
    def open(self) -> Iterator["Keyboard"]:
        """Listen for as long as the block runs."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(self._descriptor, self._read)
        except PermissionError:  # a file: it never makes one wait, so there is nothing to listen for
            while self._read():
                pass
        try:
            yield self
        finally:
            loop.remove_reader(self._descriptor)

    async def line(self) -> str | None:
        """Wait for the next line, and return it without its end."""
        return await self._lines.get()

    def _read(self) -> bool:
        typed = os.read(self._descriptor, 4096)
        if not typed:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._lines.put_nowait(None)
            return False
        *lines, self._typed = (self._typed + typed).split(b"\n")
        for line in lines:
            self._lines.put_nowait(line.decode("utf-8", "replace").strip())
        return True


class Screen:
    """Shows what is heard, asks for keys, and says once what one may not expect."""

    def __init__(self) -> None:
        self._asks = False
        self._waited = False

    def notice(self, _number: str, sound: Sound) -> None:
        """Show a sound, if it is one that a person would notice."""
        text = sound.text if sound.kind is SoundKind.SAID else _NOTICES.get(sound.kind, "")
        if text:
            self.show(text)
        if sound.kind is SoundKind.MUSIC and not self._waited:
            self._waited = True
            self.show(_WAITING)

    def show(self, text: str) -> None:
        """Show a line; one that asks for keys and has got none yet is left standing."""
        if self._asks:
            typer.echo()
            self._asks = False
        typer.echo(f"    {text}")

    def ask(self) -> None:
        """Ask for keys, unless that stands there already."""
        if not self._asks:
            typer.echo("  > ", nl=False)
            self._asks = True

    def typed(self) -> None:
        """Take note that Enter was pressed."""
        self._asks = False
