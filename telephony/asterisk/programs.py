"""Run the small programs that make sound, with a time-out, and with text on standard input only."""

import asyncio
import contextlib

from core.errors import UnavailableError


class SpeechFailedError(UnavailableError):
    """This could not be made into sound."""


async def run_program(command: tuple[str, ...], *, text: str = "", seconds: float = 5.0) -> None:
    """Run a program with ``text`` on its standard input; raises :class:`SpeechFailedError` when it does not succeed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise SpeechFailedError("A sound program cannot be started.") from error
    try:
        async with asyncio.timeout(seconds):
            await process.communicate(text.encode("utf-8", "replace"))
    except TimeoutError as error:
        raise SpeechFailedError(f"A sound program took longer than {seconds:g} s.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SpeechFailedError(f"A sound program ended with status {process.returncode}.")
