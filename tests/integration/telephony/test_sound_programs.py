"""The small programs that make sound, on the loop that the product runs on."""

import asyncio
import sys

import pytest
import uvloop

from telephony.asterisk.programs import SpeechFailedError, run_program

pytestmark = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
COUNTS_BYTES = "import sys; sys.exit(len(sys.stdin.buffer.read()) != int(sys.argv[1]))"


def run(loop, work):
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(work)


def test_a_program_gets_its_whole_text_and_then_an_end(loop):
    run(loop, run_program((sys.executable, "-c", COUNTS_BYTES, "12000"), text="å" * 6000))


def test_a_program_that_is_done_before_it_has_read_anything_has_succeeded(loop):
    async def many() -> None:
        for _ in range(40):
            await asyncio.gather(*(run_program(("true",), text="hej " * n) for n in (0, 0, 1, 500)))

    run(loop, many())


def test_a_program_that_fails_says_so(loop):
    with pytest.raises(SpeechFailedError, match="status 1"):
        run(loop, run_program(("false",)))


def test_a_program_that_hangs_is_ended(loop):
    with pytest.raises(SpeechFailedError, match=r"longer than 0\.2 s"):
        run(loop, run_program(("sleep", "60"), seconds=0.2))
