"""Callers through our IVR, beside the same menu in Asterisk's own dialplan, on the same Asterisk in the same run.

Answer, welcome, one digit, a prompt, hang up. SIPp rings at a fixed rate; beside it a telephone of ours rings four
times a second and measures from its pressing a key until the next prompt sounds (the key itself takes 80 ms of that).
The highest rate of each side is found by the same search: up by half until a rate is not borne twice on end, then by
halves between, to a tenth. A hang-up whose answer is lost on the way harms nobody and is counted apart, on both sides.
Run: ``make bench NAME=ivr_load`` (as root: SIPp sends its keys on a raw socket); ``--seconds 10`` is shorter. The last
line is one JSON object.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import secrets
import shutil
import socket
import struct
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from benchmarks.lines.report import Bound, report
from tests.asterisk import TestSwitch, free_port, start_asterisk
from tests.fakes.sip_phone import SipCall, SipPhone
from tests.running import NATIONAL, System
from tests.sipp.recordings import press

BARE = "0846500498"
KEY = "3"
SIPP_CALLER = "0701740653"
WELCOME_HERTZ, PROMPT_HERTZ = 440, 880
PROBES_A_SECOND = 4
P99_SECONDS, STRETCH_SECONDS, LEAST_RATIO = 0.8, 0.2, 0.5
RATE, SECONDS = 20, 60
FIRST_RATE, UP_BY, NEAR_ENOUGH = 50, 1.5, 0.1
STEP_SECONDS = 10
TRIES = 2
"""A rate that fails once may have met something else on this machine."""

HERE = Path(__file__).parent

DIALPLAN = """
[entry](+)
exten => {number},1,Goto(bare-menu,s,1)

[bare-menu]
exten => s,1,Answer()
 same => n,Background({sounds}/welcome)
 same => n,WaitExten(6)
exten => {key},1,Playback({sounds}/prompt)
 same => n,Hangup()
"""


@dataclass
class Load:
    """How one system bore one rate."""

    rate: int
    calls: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    """At what our own telephones waited in vain."""

    unheard: int = 0
    """Callers whose key our IVR has not noticed, by its own books."""

    ends_unanswered: int = 0
    """Hang-ups of our own telephones that nobody confirmed; SIPp's are no failures either."""

    others: float = 0.0
    """What part of all that this machine did meanwhile was neither side's: with much of it, rates mean little."""

    def percentile(self, part: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)] if ordered else math.inf

    @property
    def bears(self) -> bool:
        """Every call did all of its scenario, and every measured prompt came in time."""
        return (
            self.calls > 0 and not (self.failed or self.silent or self.unheard) and self.percentile(0.99) <= P99_SECONDS
        )

    def as_dict(self) -> dict[str, object]:
        shown = {f"p{round(part * 100)}": round(self.percentile(part), 3) for part in (0.5, 0.9, 0.99)}
        return {"rate": self.rate, "calls": self.calls, "failed": self.failed, "measured": len(self.seconds),
                "in_vain": self.silent, "unheard": self.unheard, "ends_unanswered": self.ends_unanswered, "others": round(self.others, 2),
                **(shown if self.seconds else {})}  # fmt: skip


def tone(path: Path, hertz: int, seconds: float) -> None:
    """Write a tone as the switch wants it: 8 kHz, mono, 16 bit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [int(9000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(int(8000 * seconds))]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def record_prompts(folder: Path) -> None:
    """Give our IVR recordings that sound like the bare dialplan's: the welcome menu low, the next menu high."""
    swedish = folder / "prompts" / "sv"
    low = ("welcome", "choice_english@8", "choice_payment@1", "choice_status@2", "choice_information@3", "choice_talk@4",
           "keys")  # fmt: skip
    for name in low:
        tone(swedish / f"{name}.wav", WELCOME_HERTZ, 2.0)
    tone(swedish / "what_about.wav", PROMPT_HERTZ, 3.0)


async def load(switch: TestSwitch, number: str, *, rate: int, seconds: int, folder: Path) -> Load:
    """Ring at this rate for so long, and measure meanwhile."""
    result, busy, ours = Load(rate), _busy_seconds(), _our_seconds()
    calling = asyncio.create_task(_sipp(switch, number, rate, seconds, folder, result))
    async with await SipPhone.open() as phone:
        probes = []
        end = time.monotonic() + seconds
        while time.monotonic() < end and not calling.done():
            probes.append(asyncio.create_task(_probe(phone, switch, number, result)))
            await asyncio.sleep(1 / PROBES_A_SECOND)
        await asyncio.gather(*probes)
    await calling
    busy = _busy_seconds() - busy
    result.others = max(0.0, busy - (_our_seconds() - ours)) / max(busy, 0.01)
    return result


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _our_seconds() -> float:
    """What this process and all that it has started have used, those included that have ended (SIPp)."""
    seconds = 0.0
    own = psutil.Process()
    for process in [own, *own.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            seconds += used.user + used.system + used.children_user + used.children_system
    return seconds


async def _probe(phone: SipPhone, switch: TestSwitch, number: str, result: Load) -> None:
    waits_for = "answer"
    call = await phone.call(number, at=("127.0.0.1", switch.settings.sip_port), caller="0701740652")
    try:
        await _answered(call)
        waits_for = "welcome"
        await _sounds(call.sound, low=True, within=5)
        await asyncio.sleep(0.5)
        waits_for = "prompt"
        pressed = time.monotonic()
        call.press(KEY)
        await _sounds(call.sound, low=False, within=5)
        result.seconds.append(time.monotonic() - pressed)
    except TimeoutError:
        result.silent.append(waits_for)
    finally:
        await _hang_up(call, result)


async def _answered(call: SipCall) -> None:
    """Wait for the answer for 5 s; what a busy socket lost is said again, as SIPp does (RFC 3261, 17.1.1.2)."""
    for patience in (0.5, 1.0, 2.0, 1.5):
        with contextlib.suppress(TimeoutError):
            await call.answered(within=patience)
            return
        call.invite_again()
    raise TimeoutError


async def _hang_up(call: SipCall, result: Load) -> None:
    try:
        await call.hang_up()
    except TimeoutError:
        result.ends_unanswered += 1
    finally:
        await call.sound.stop()


async def _sounds(sound, *, low: bool, within: float) -> None:  # type: ignore[no-untyped-def]
    between = (WELCOME_HERTZ + PROMPT_HERTZ) / 2
    deadline = time.monotonic() + within
    while sound.loud_in_row < 1 or (sound.pitch < between) is not low:
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.004)


async def _sipp(switch: TestSwitch, number: str, rate: int, seconds: int, folder: Path, result: Load) -> None:
    work = Path(tempfile.mkdtemp(dir=folder))
    press(work, {"key.pcap": KEY})
    shutil.copy(HERE / "ivr_load.xml", work)
    calls = rate * seconds
    process = await asyncio.create_subprocess_exec(
        "sipp", f"127.0.0.1:{switch.settings.sip_port}", "-sf", "ivr_load.xml", "-s", number, "-i", "127.0.0.1",
        "-p", str(free_port(socket.SOCK_DGRAM)), "-mi", "127.0.0.1", "-mp", str(free_port(socket.SOCK_DGRAM)),
        "-r", str(rate), "-m", str(calls), "-l", str(rate * 20), "-key", "caller", SIPP_CALLER, "-recv_timeout", "8000",
        "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-nostdin", "-timeout", f"{seconds + 30}s",
        cwd=work, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), seconds + 45)
    except TimeoutError:
        process.kill()
        await process.wait()
    head, *_, last = (work / "stat.csv").read_text().splitlines()
    counted = dict(zip(head.split(";"), last.split(";"), strict=False))
    result.calls = int(counted["SuccessfulCall(C)"])
    result.failed = calls - result.calls


async def our_load(switch: TestSwitch, system: System, *, rate: int, seconds: int, folder: Path) -> Load:
    """The same through our IVR, whose books tell besides whether each key was noticed."""
    before = _noticed(system)
    result = await load(switch, NATIONAL, rate=rate, seconds=seconds, folder=folder)
    deadline = time.monotonic() + 10
    result.unheard = rate * seconds
    while result.unheard and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        result.unheard = rate * seconds - _noticed(system) + before
    return result


def _noticed(system: System) -> int:
    noticed = "SELECT count(*) AS number FROM contacts WHERE caller = ? AND path LIKE '%choice_information%'"
    return int(system.rows(noticed, SIPP_CALLER)[0]["number"])


Bearing = Callable[..., Coroutine[None, None, Load]]


async def highest(bear: Bearing, name: str, *, first: int, rest_seconds: float = 2.0) -> tuple[int, list[Load]]:
    """Search for the highest rate that is borne, and return it with all that was tried."""
    tried: list[Load] = []

    async def bears(rate: int) -> bool:
        for _ in range(TRIES):
            tried.append(await bear(rate=rate, seconds=STEP_SECONDS))
            print(f"  {name:12} {json.dumps(tried[-1].as_dict())}", flush=True)
            await asyncio.sleep(rest_seconds)  # the last calls end
            if tried[-1].bears:
                return True
        return False

    borne, not_borne = 0, first
    while await bears(not_borne):
        borne, not_borne = not_borne, round(not_borne * UP_BY)
    while not_borne - borne > max(borne, 10) * NEAR_ENOUGH:
        middle = (borne + not_borne) // 2
        borne, not_borne = (middle, not_borne) if await bears(middle) else (borne, middle)
    return borne, tried


async def main(seconds: int, rate: int, first: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="kc-bench-"))
    password = {name: secrets.token_urlsafe(24) for name in ("ari_password", "ami_password")}
    sounds = folder / "bare"
    tone(sounds / "welcome.wav", WELCOME_HERTZ, 10.0)
    tone(sounds / "prompt.wav", PROMPT_HERTZ, 3.0)
    plan = DIALPLAN.format(number=BARE, sounds=sounds, key=KEY)
    switch = await start_asterisk(folder / "asterisk", extra_dialplan=plan, **password)
    settings = switch.settings
    system = System(
        "asterisk", folder, KC_ARI_URL=switch.ari_url, KC_ARI_PORT=str(settings.http_port),
        KC_SIP_PORT=str(settings.sip_port), KC_AMI_PORT=str(settings.ami_port), KC_LOG_LEVEL="WARNING",
        **{f"KC_{name.upper()}": value for name, value in password.items()},
    )  # fmt: skip
    record_prompts(system.config)
    try:
        await asyncio.to_thread(system.start)
        await load(switch, NATIONAL, rate=2, seconds=5, folder=folder)  # both have made their sounds
        await load(switch, BARE, rate=2, seconds=2, folder=folder)
        print(f"{rate} calls a second for {seconds} s", flush=True)
        through_us = partial(our_load, switch, system, folder=folder)
        steady = await through_us(rate=rate, seconds=seconds)
        print(f"  {'ours':12} {json.dumps(steady.as_dict())}", flush=True)
        bare_best, bare = await highest(partial(load, switch, BARE, folder=folder), "bare dialplan", first=first)
        our_best, ours = await highest(through_us, "ours", first=first)
        faults = await system.ledger_faults()
    finally:
        await asyncio.to_thread(system.stop)
        await switch.process.stop()
        shutil.rmtree(folder, ignore_errors=True)
    ratio = our_best / bare_best if bare_best else 0.0
    p99 = steady.percentile(0.99)
    figures: dict[str, object] = {
        "steady": steady.as_dict(), "steady_failed": steady.failed + len(steady.silent) + steady.unheard,
        "steady_p99_seconds": round(p99, 3), "stretch_reached": p99 <= STRETCH_SECONDS,
        "highest_rate": our_best, "highest_rate_bare": bare_best, "rate_over_bare": round(ratio, 2),
        "ours": [one.as_dict() for one in ours], "bare": [one.as_dict() for one in bare],
        "ledger_faults": len(faults), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    bounds = {
        "steady_failed": Bound(at_most=0),
        "steady_p99_seconds": Bound(at_most=P99_SECONDS),
        "rate_over_bare": Bound(at_least=LEAST_RATIO),
        "ledger_faults": Bound(at_most=0),
    }
    return report("ivr_load", figures, bounds)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Our IVR beside Asterisk's own dialplan.")
    options.add_argument("--seconds", type=int, default=SECONDS, help="how long the steady rate is held")
    options.add_argument("--rate", type=int, default=RATE, help="calls a second while it is")
    options.add_argument("--first", type=int, default=FIRST_RATE, help="where the search for the highest rate begins")
    chosen = options.parse_args()
    sys.exit(asyncio.run(main(chosen.seconds, chosen.rate, chosen.first)))
