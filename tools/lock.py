"""Write both locks from pyproject.toml: exact versions for Python 3.11, and no address of where they came from."""

import sys

from tools import pip_settings
from tools.python_packages import VENV
from tools.saying import ROOT, SetupError, run, say_as

LOCKS = {
    "requirements.lock": ["--extra", "postgresql"],
    "requirements-dev.lock": ["--extra", "postgresql", "--extra", "dev"],
}


def main() -> int:
    """Resolve the newest versions that fit together."""
    say = say_as("lock")
    options, environment = pip_settings.for_uv(pip_settings.read())
    plain = ["--quiet", "--upgrade", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    target = ["--python-version", "3.11"]
    for name, extras in LOCKS.items():
        command = [str(VENV / "bin" / "uv"), "pip", "compile", *plain, *target, *options, *extras]
        try:
            run([*command, "pyproject.toml", "-o", name], say, folder=ROOT, environment=environment)
        except SetupError as error:
            say(str(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
