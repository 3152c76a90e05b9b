"""Where the programs of a telephone switch are on this machine, and how each of them is started."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST_VERSION = (22, 10, 1)
"""The security release of June 2026; older ones are refused."""

_MODULE_FOLDERS = ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules")
_DATA_FOLDERS = ("usr/share/asterisk", "var/lib/asterisk", "usr/local/var/lib/asterisk")


@dataclass(frozen=True, kw_only=True)
class SoundPrograms:
    """The speech synthesiser and the sound converter, as argument lists."""

    espeak: tuple[str, ...]
    sox: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AsteriskHome(SoundPrograms):
    """A telephone switch that can be started: commands as argument lists, and the folders that it reads.

    ``espeak`` and ``sox`` are those that came with it.
    """

    version: str
    asterisk: tuple[str, ...]
    modules: Path
    data: Path
    source: str


def home_of_machine() -> AsteriskHome | None:
    """Return the machine's own switch if it is new enough and complete, with its own speech programs."""
    programs = [shutil.which(name) for name in ("asterisk", "espeak-ng", "sox")]
    if not all(programs):
        return None
    asterisk, espeak, sox = (str(program) for program in programs)
    version = version_of((asterisk,))
    modules, data = _first(Path("/"), _MODULE_FOLDERS), _first(Path("/"), _DATA_FOLDERS)
    if version is None or not is_new_enough(version) or modules is None or data is None:
        return None
    return AsteriskHome(
        version=version,
        asterisk=(asterisk,),
        espeak=(espeak,),
        sox=(sox,),
        modules=modules,
        data=data,
        source="this machine",
    )


def sound_programs_of_machine() -> SoundPrograms | None:
    """Return the machine's own speech programs, if it has both."""
    espeak, sox = shutil.which("espeak-ng"), shutil.which("sox")
    return SoundPrograms(espeak=(espeak,), sox=(sox,)) if espeak and sox else None


def home_in_tree(tree: Path) -> AsteriskHome | None:
    """Return the switch in an unpacked folder of packages, run through the loader and libraries found there."""
    loader = _first(tree, ("usr/lib/*/ld-linux*.so.*", "usr/lib/*/ld64.so.*"))
    modules, data = _first(tree, _MODULE_FOLDERS), _first(tree, _DATA_FOLDERS)
    if loader is None or modules is None or data is None:
        return None
    libraries = loader.parent
    through_loader = (str(loader), "--library-path", f"{libraries}:{libraries}/pulseaudio")
    asterisk = (*through_loader, str(tree / "usr/sbin/asterisk"))
    version = version_of(asterisk)
    if version is None:
        return None
    return AsteriskHome(
        version=version,
        asterisk=asterisk,
        espeak=(*through_loader, str(tree / "usr/bin/espeak-ng"), f"--path={libraries}"),
        sox=(*through_loader, str(tree / "usr/bin/sox")),
        modules=modules,
        data=data,
        source=str(tree),
    )


def version_of(asterisk: tuple[str, ...]) -> str | None:
    """Ask a switch for its version, such as ``22.10.1``; ``None`` when it cannot be run."""
    try:
        answer = subprocess.run([*asterisk, "-V"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"Asterisk (?:certified[/-])?([0-9]+(?:\.[0-9]+){0,3})", answer.stdout)
    return found.group(1) if found else None


def is_new_enough(version: str) -> bool:
    """Tell whether a version such as ``22.10.1`` has the security fixes that we insist on."""
    return tuple(int(part) for part in version.split(".")[:3]) >= OLDEST_VERSION


def _first(root: Path, patterns: tuple[str, ...]) -> Path | None:
    return next((path for pattern in patterns for path in sorted(root.glob(pattern))), None)
