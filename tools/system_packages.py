"""The programs that tests call with: SIPp as a caller, Chromium as an agent, a voice. Only where we may install."""

import os
import shutil
from pathlib import Path

from tools.saying import Say, run

PROGRAMS = {
    "sipp": "sip-tester",
    "chromium": "chromium",
    "espeak-ng": "espeak-ng",
    "sox": "sox",
}
"""Program → Debian package."""


def install(say: Say) -> None:
    """Install what is missing, as root on Debian; else say which tests will be skipped."""
    missing = sorted(package for program, package in PROGRAMS.items() if shutil.which(program) is None)
    if not missing:
        return
    if os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        say(
            f"Not here: {', '.join(missing)}. Tests that need them are skipped. As root: apt install {' '.join(missing)}"
        )
        return
    say(f"Installing {', '.join(missing)} …")
    environment = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    lock = ["-o", "DPkg::Lock::Timeout=300"]
    for what in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        run(["apt-get", "-qq", *lock, *what], say, environment=environment, quietly=True)
