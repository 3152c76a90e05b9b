"""Runs a SIPp scenario from its beginning to its end."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.asterisk import free_port
from tests.needs import missing, sipp
from tests.sipp.ear import Ear, may_listen
from tests.sipp.recordings import press

SCENARIOS = Path(__file__).parent


@dataclass(frozen=True)
class SippRun:
    """How a run went: ``status`` 0 when every call did all of its scenario."""

    status: int
    said: str
    sound_packets: int


async def run_sipp(
    scenario: str, *, folder: Path, at: tuple[str, int], called: str, words: Mapping[str, str], keys: Mapping[str, str],
    within: float,
) -> SippRun:  # fmt: skip
    """Let SIPp tell its scenario once. ``keys`` is file name → keys to press; the files continue each other."""
    _may_send_sound()
    program = sipp()
    press(folder, keys)
    (folder / scenario).write_text((SCENARIOS / scenario).read_text("utf-8"), "utf-8")
    sound_port = free_port(socket.SOCK_DGRAM)
    named = [part for name, word in words.items() for part in ("-key", name, word)]
    process = await asyncio.create_subprocess_exec(
        str(program), f"{at[0]}:{at[1]}", "-sf", scenario, "-s", called, "-i", "127.0.0.1",
        "-p", str(free_port(socket.SOCK_DGRAM)), "-mi", "127.0.0.1", "-mp", str(sound_port),
        "-m", "1", "-trace_screen", "-screen_file", "screen.log", "-trace_err", "-error_file", "errors.log", "-nostdin",
        "-timeout", str(int(within)), *named,
        cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    with Ear(sound_port) as ear:
        _, complaints = await asyncio.wait_for(process.communicate(), within + 5)
    files = [folder / "screen.log", folder / "errors.log"]
    said = "\n".join(file.read_text("utf-8", "replace") for file in files if file.exists())
    return SippRun(process.returncode or 0, said + complaints.decode("utf-8", "replace"), ear.sound.loud_packets)


def _may_send_sound() -> None:
    if not may_listen():
        missing("the right to open raw sockets, with which SIPp sends its sound (run as root)")
