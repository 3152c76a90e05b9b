"""Write the switch's configuration from templates; every folder it names lies in our own state folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from telephony.asterisk.home import AsteriskHome
from telephony.asterisk.modules import MODULES
from telephony.asterisk.settings import AsteriskSettings, check_folder

TEMPLATES = Path(__file__).parents[2] / "deploy" / "asterisk"


@dataclass(frozen=True)
class Configuration:
    """A written configuration, ready to be started."""

    folder: Path
    settings: AsteriskSettings

    @property
    def main_file(self) -> Path:
        """The file that Asterisk is started with."""
        return self.folder / "etc" / "asterisk.conf"

    @property
    def log_folder(self) -> Path:
        """Where the switch writes its log."""
        return self.folder / "log"


def write_configuration(home: AsteriskHome, folder: Path, settings: AsteriskSettings) -> Configuration:
    """Write all files into ``folder``, readable by us only, and make the folders that they name.

    Raises :class:`~telephony.asterisk.settings.SwitchSettingsError` when a folder's name cannot be used.
    """
    folder = check_folder(folder.absolute())
    for part in ("etc", "lib", "run", "log", "spool"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for path in (settings.sounds, settings.music, settings.spool):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = _environment()
    modules = [module for module in MODULES if (home.modules / module).exists()] + list(settings.extra_modules)
    for template in sorted(TEMPLATES.glob("*.conf.j2")):
        text = environment.get_template(template.name).render(
            home=home, folder=folder, settings=settings, modules=modules
        )
        _write_private(folder / "etc" / template.stem, text)
    return Configuration(folder, settings)


def _environment() -> Environment:
    return Environment(  # noqa: S701 - these are not web pages; each value is checked in settings.py
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
