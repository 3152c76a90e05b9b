"""Run the small programs that make sound, with a time-out, and with text on standard input only."""

import asyncio
import contextlib
import os
from collections.abc import Iterator

from core.errors import UnavailableError

_PIPE_BYTES = 64 * 1024


class SpeechFailedError(UnavailableError):
    """This could not be made into sound."""


async def run_program(command: tuple[str, ...], *, text: str = "", seconds: float = 5.0) -> None:
    """Run a program with ``text`` on its standard input; raises :class:`SpeechFailedError` when it does not succeed."""
    try:
        with _standard_input(text) as given:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=given, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
            )
    except OSError as error:
        raise SpeechFailedError("A sound program cannot be started.") from error
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError as error:
        raise SpeechFailedError(f"A sound program took longer than {seconds:g} s.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SpeechFailedError(f"A sound program ended with status {process.returncode}.")


@contextlib.contextmanager
def _standard_input(text: str) -> Iterator[int]:
    """A pipe that holds the whole text already, for the length of a start.

    Written to while the program runs, a pipe fails when the program is quicker than we are (and with uvloop by a
    ``RuntimeError`` that looks like a fault of ours). A pipe takes 64 KiB, and nobody has us say as much.
    """
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(text.encode("utf-8", "replace")[:_PIPE_BYTES])
        yield reading
    finally:
        os.close(reading)
