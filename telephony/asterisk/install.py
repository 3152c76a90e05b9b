"""Get a real Asterisk, a synthesiser and a sound converter into a cache folder: no root, nothing installed.

``python -m telephony.asterisk.install --cache FOLDER`` needs nothing but Python's standard library, apt-get and dpkg-deb.
"""

import argparse
import dataclasses
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UnavailableError
from telephony.asterisk.home import (
    AsteriskHome,
    SoundPrograms,
    home_in_tree,
    home_of_machine,
    is_new_enough,
    sound_programs_of_machine,
)

PACKAGES = ("asterisk", "espeak-ng", "sox")
SUITE = "sid"
"""Debian unstable: the only Debian suite with an Asterisk that has the security fixes of 2026."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FETCHING = "fetching-"
DEFAULT_MIRROR = "http://deb.debian.org/debian"

Progress = Callable[[str], None]


class AsteriskNotAvailableError(UnavailableError):
    """No telephone switch (Asterisk 22.10.1 or newer) can be had on this machine; SWITCH=simulator serves without."""


def find(cache: Path) -> AsteriskHome | None:
    """Return the machine's own Asterisk if it is new enough, else the cached one, else ``None``; fetches nothing."""
    return home_of_machine() or _cached(_tree(cache))


def find_sound_programs(cache: Path) -> SoundPrograms | None:
    """Return what prompts are spoken with: that of the switch that :func:`find` finds, else the machine's own."""
    return find(cache) or sound_programs_of_machine()


def find_or_fetch(cache: Path, progress: Progress = lambda line: None) -> AsteriskHome:
    """Return the machine's own Asterisk if it is new enough, else the cached one, else fetch one into ``cache``.

    May be called by several processes at once. Raises :class:`AsteriskNotAvailableError` with what to do about it.
    """
    own = home_of_machine()
    if own:
        progress(f"Asterisk {own.version} is installed on this machine.")
        return own
    tree = _tree(cache)
    cached = _cached(tree)
    if cached is None:
        cache.mkdir(parents=True, exist_ok=True)
        with _only_one(cache / "asterisk.lock", progress):
            cached = _cached(tree) or _fetch(cache, tree, progress)
    progress(f"Asterisk {cached.version} is in {tree}.")
    return cached


def _tree(cache: Path) -> Path:
    return cache.absolute() / f"asterisk-{os.uname().machine}"


def _cached(tree: Path) -> AsteriskHome | None:
    home = home_in_tree(tree)
    return home if home and is_new_enough(home.version) else None


def _fetch(cache: Path, tree: Path, progress: Progress) -> AsteriskHome:
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise AsteriskNotAvailableError(
                f"Install Asterisk yourself: this machine has no {program} to fetch it with."
            )
    for left in cache.glob(f"{_FETCHING}*"):  # by a fetch that was killed; only one runs at a time
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_FETCHING, dir=cache) as work:
        archives = _download(Path(work), progress)
        fresh = Path(work) / "tree"
        _unpack(archives, fresh, progress)
        home = home_in_tree(fresh)
        if home is None or not is_new_enough(home.version):
            found = home.version if home else "a switch that does not start"
            raise AsteriskNotAvailableError(f"The mirror gave {found}.")
        if tree.exists():
            shutil.rmtree(tree)
        fresh.rename(tree)
    moved = home_in_tree(tree)
    if moved is None:
        raise AsteriskNotAvailableError(f"What was fetched into {tree} does not start.")
    return moved


def _download(work: Path, progress: Progress) -> list[Path]:
    configuration = write_apt_configuration(work, mirror=machine_mirror())
    progress("Fetching Asterisk, a speech synthesiser and a sound converter (about 115 MB) …")
    _run_apt(configuration, "update")
    _run_apt(configuration, "--yes", "--download-only", "install", *PACKAGES)
    archives = sorted((work / "cache" / "archives").glob("*.deb"))
    if not archives:
        raise AsteriskNotAvailableError("The mirror gave no packages.")
    return archives


def write_apt_configuration(work: Path, *, mirror: str) -> Path:
    """Write an apt configuration whose state is all in ``work``, on top of the machine's own (proxy, TLS, sign-in)."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    if not KEYRING.exists():
        raise AsteriskNotAvailableError("Install the package debian-archive-keyring, or Asterisk itself.")
    (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {SUITE} main\n", encoding="utf-8")
    user = "root" if os.geteuid() == 0 else ""
    configuration = work / "apt.conf"
    configuration.write_text(
        f"""Dir::State "{work}/state";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
Dir::Cache::archives "archives/";
Dir::Etc::sourcelist "{work}/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::Log "{work}";
APT::Install-Recommends "0";
APT::Default-Release "";
APT::Sandbox::User "{user}";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
#clear DPkg::Post-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
""",
        encoding="utf-8",
    )
    return configuration


def machine_mirror() -> str:
    """Return the Debian mirror that this machine's apt already uses, else the public one."""
    try:
        answer = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(ORIGIN)", "Created-By: Packages"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return DEFAULT_MIRROR
    return mirror_among(answer.stdout.splitlines())


def mirror_among(lines: list[str]) -> str:
    """Pick the archive of Debian itself among lines ``<address> <component> …``; security archives hold no suite of it."""
    for line in lines:
        address, _, rest = line.partition(" ")
        if rest.startswith("main") and re.search(r"/debian/?$", address):
            return address.rstrip("/")
    return DEFAULT_MIRROR


def _run_apt(configuration: Path, *arguments: str) -> None:
    command = ["apt-get", "-q", "-c", str(configuration), *arguments]
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise AsteriskNotAvailableError(
            "Fetching took longer than ten minutes. Try again with `make asterisk`."
        ) from error
    if result.returncode != 0:
        said = [line for line in result.stderr.splitlines() if line.startswith("E:")][-3:]
        raise AsteriskNotAvailableError("apt-get said: " + (" ".join(said) or result.stderr[-300:].strip()))


def _unpack(archives: list[Path], tree: Path, progress: Progress) -> None:
    tree.mkdir()
    progress(f"Unpacking {len(archives)} packages …")
    for archive in archives:
        result = subprocess.run(["dpkg-deb", "-x", archive, tree], capture_output=True, text=True, check=False)  # noqa: S603, S607
        if result.returncode != 0:
            raise AsteriskNotAvailableError(f"{archive.name} could not be unpacked: {result.stderr.strip()[-200:]}")
    for unneeded in ("usr/share/doc", "usr/share/man", "usr/share/locale", "etc/init.d"):
        shutil.rmtree(tree / unneeded, ignore_errors=True)


@contextmanager
def _only_one(lock: Path, progress: Progress) -> Iterator[None]:
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Another process is fetching Asterisk; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str] | None = None) -> int:
    """Fetch a switch if there is none, and say where it is."""
    parser = argparse.ArgumentParser(description="Get a real Asterisk into the cache folder, without root.")
    parser.add_argument("--json", action="store_true", help="print where it is as one JSON object")
    parser.add_argument("--cache", type=Path, required=True, help="the folder for what can be fetched again")
    chosen = parser.parse_args(arguments)
    try:
        home = find_or_fetch(chosen.cache, _say)
    except AsteriskNotAvailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if chosen.json:
        sys.stdout.write(json.dumps(dataclasses.asdict(home), default=str) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
