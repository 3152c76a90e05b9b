"""Get everything that the product needs on this machine. `make setup` runs it; a second run takes a moment.

The parts do not need each other, so they run side by side: packages from the Python index, pages from the npm
registry, the telephone switch from the Debian archive.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 – the one file that an older Python gets to read
    sys.stderr.write(
        "Kundcenter needs Python 3.11 or newer, and this is {}.{}. On Debian 12: apt install python3\n"
        "Or name another one: make PYTHON=/path/to/python3.11\n".format(*sys.version_info[:2])
    )
    sys.exit(1)

import argparse
import threading
import time
from collections.abc import Callable

from app.cache_folder import chosen_cache
from tools import python_packages, system_packages, web
from tools.saying import Say, SetupError, run, say_as

Part = Callable[[Say], None]


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen parts side by side, and return 0 when all that must work did."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.setup", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--web", action="store_true", help="build the web pages")
    parser.add_argument("--asterisk", action="store_true", help="get a telephone switch")
    parser.add_argument("--programs", action="store_true", help="install the callers and browsers of tests")
    parser.add_argument(
        "--even-without-programs", action="store_true", help="go on when the switch or a program of tests cannot be had"
    )
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    failed = _side_by_side(_parts(chosen))
    if chosen.even_without_programs:  # the product serves with the simulator; tests say what they miss
        failed -= {"asterisk", "programs"}
    if time.monotonic() - started > 1 and not failed:
        say_as("setup")(f"Ready after {time.monotonic() - started:.0f} s.")
    return 1 if failed else 0


def _parts(chosen: argparse.Namespace) -> dict[str, Part]:
    packages_are_in = threading.Event()

    def python_part(say: Say) -> None:
        try:
            python_packages.install(say, dev=chosen.dev)
        finally:
            packages_are_in.set()

    parts: dict[str, Part] = {"python": python_part}
    if chosen.web:
        parts["web"] = lambda say: web.build(say, wait_for_python=packages_are_in.wait)
    if chosen.asterisk:
        install = [sys.executable, "-m", "telephony.asterisk.install", "--cache", str(chosen_cache())]
        parts["asterisk"] = lambda say: run(install, say)
    if chosen.programs:
        parts["programs"] = system_packages.install
    return parts


def _side_by_side(parts: dict[str, Part]) -> set[str]:
    failed: set[str] = set()

    def one(name: str, part: Part) -> None:
        say = say_as(name)
        try:
            part(say)
        except SetupError as error:
            say(str(error))
            failed.add(name)
        except Exception as error:
            say(f"Something unforeseen: {type(error).__name__}: {error}")
            failed.add(name)

    threads = [threading.Thread(target=one, args=pair, name=pair[0]) for pair in parts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
