"""Make `.venv` and put exactly the locked packages into it: by uv for its speed, by pip where uv cannot."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from tools import pip_settings, pip_wheel
from tools.saying import ROOT, Say, SetupError, run

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "kundcenter"


def install(say: Say, *, dev: bool) -> None:
    """Bring `.venv` to what the lock says. Does nothing when it already was."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    if _is_done(lock) or (not dev and _is_done(ROOT / "requirements-dev.lock")):
        return
    _make_venv(say)
    say(f"Installing what {lock.name} names …")
    _install(["-r", str(lock)], say)
    _write_command()
    _stamp(lock).write_text("installed\n", encoding="utf-8")


def install_more(requirement: str, say: Say) -> None:
    """Put one more package into `.venv`."""
    _install([requirement], say)


def _write_command() -> None:
    """Put `kundcenter` beside the other programs of `.venv`; it works from any folder."""
    command = VENV / "bin" / "kundcenter"
    command.write_text(
        f"#!{PYTHON}\nimport sys\n\nsys.path.insert(0, {str(ROOT)!r})\nfrom app.cli.main import cli\n\ncli()\n",
        encoding="utf-8",
    )
    command.chmod(0o755)


def _is_done(lock: Path) -> bool:
    return _stamp(lock).exists() and PYTHON.exists()


def _stamp(lock: Path) -> Path:
    """Return the file that tells of this content of the lock, for this Python."""
    version = "{}.{}".format(*sys.version_info)
    digest = hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()[:16]
    return STAMPS / f"{lock.name}-{digest}"


def _make_venv(say: Say) -> None:
    if not _works():
        say(f"Making .venv with Python {sys.version.split()[0]} …")
        # Without pip: Debian leaves out ensurepip, and uv needs none.
        venv.EnvBuilder(clear=True, with_pip=False, symlinks=True).create(VENV)
    STAMPS.mkdir(exist_ok=True)


def _works() -> bool:
    if not PYTHON.exists():
        return False
    ask = "import sys; print('{}.{}'.format(*sys.version_info))"
    answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == "{}.{}".format(*sys.version_info)


def _install(what: list[str], say: Say) -> None:
    settings = pip_settings.read()
    try:
        uv = _uv(settings, say)
        options, environment = pip_settings.for_uv(settings)
        run([uv, "pip", "install", "--quiet", "--python", PYTHON, *options, *what], say, environment=environment)
    except SetupError as error:
        say(f"{error} Trying pip instead …")
        _by_pip(what, settings, say)


def _uv(settings: pip_settings.PipSettings, say: Say) -> Path:
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        _by_pip(["--only-binary", ":all:", "uv"], settings, say)
    return uv


def _by_pip(what: list[str], settings: pip_settings.PipSettings, say: Say) -> None:
    wheel = pip_wheel.find(STAMPS, settings, say)
    options = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    run([PYTHON, wheel / "pip", "install", *options, *what], say, quietly=True)
