"""The complete system as an operator starts it, on free ports in a temp folder, for tests that speak with it from outside."""

import asyncio
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import psycopg

from app.cli.ledger import examine
from app.system import SystemClock, new_id
from contacts.service import Contacts
from core.ids import CallbackId
from storage.database import Database
from tests.asterisk import free_port
from tests.hours import never_quiet
from tests.patience import at_most

ROOT = Path(__file__).resolve().parent.parent
NATIONAL = "0771524524"
CLOSED = "0846500400"
"""A number of the world's own at which nobody answers for the next two days."""

NOBODY = "190104132386"
"""A right number of a person whom the world's register does not know."""

OFFER_SECONDS = 8
PASSWORD = "the-password-of-the-journeys"
PROCESSES = ("switch", "web", "worker", "sweeper")
_PR_SET_PDEATHSIG = 1


class System:
    """One running system. ``kind`` is ``simulator`` or ``asterisk``; its database is SQLite, or that of an address."""

    def __init__(self, kind: str, folder: Path, *, postgresql: str = "", **settings: str) -> None:
        self.kind = kind
        self.state = folder / "state"
        self.database_url = postgresql or f"sqlite+aiosqlite:///{self.database}"
        self.config = copied_configuration(folder / "config")
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.trunk_port = free_port(socket.SOCK_DGRAM)
        self.ari_port = free_port()
        web_port = free_port()
        self.url = f"http://127.0.0.1:{web_port}"
        self.secrets_keyed: set[str] = set()
        """What citizens have keyed in, of which no trace may be left behind."""
        self.output = folder / "run.log"
        """What the process itself says that starts and keeps up all others: words for the operator, and lines of log."""
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = {
            "KC_SWITCH": kind,
            "KC_STATE_DIR": str(self.state),
            "KC_DATABASE_URL": postgresql,
            "KC_CONFIG_DIR": str(self.config),
            "KC_WEB_PORT": str(web_port),
            "KC_SIP_PORT": str(self.sip_port),
            "KC_ARI_PORT": str(self.ari_port),
            "KC_AMI_PORT": str(free_port()),
            "KC_RTP_FIRST_PORT": "20000",
            "KC_RTP_LAST_PORT": "31999",
            "KC_TRUNK_CONTACT": f"sip:127.0.0.1:{self.trunk_port}",
            "KC_DEMO_PASSWORD": PASSWORD,
            "KC_DEMO_ALWAYS_OPEN": "false",
            "KC_OFFER_SECONDS": str(OFFER_SECONDS),
            **settings,
        }

    # --- its life ---

    def start(self) -> None:
        """Start it, and return when it says that calls can be served."""
        self.output.parent.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "run", "--demo"], cwd=ROOT, env={**os.environ, **self._settings},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=dies_with_us,
            )  # fmt: skip
        _wait(self._is_ready, within=90, what=lambda: f"the system is ready; {self.output.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def forgets_everything(self) -> None:
        """Put away the folder with all that it has written, so that it begins with nothing; it must not run."""
        self.state.rename(self.state.with_name(f"state-{new_id('before')}"))

    def kill(self, name: str) -> int:
        """Kill one process of ours as a power cut would, and return its number."""
        number = self.pid(name)
        os.kill(number, signal.SIGKILL)
        return number

    def suspends(self, *names: str) -> None:
        """Have these processes of ours stand still until they are killed."""
        for name in names:
            os.kill(self.pid(name), signal.SIGSTOP)

    def answers(self) -> bool:
        """Tell whether the web process takes requests."""
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{self.url}/health/ready", timeout=2) as answer,
        ):
            return bool(answer.status == 200)
        return False

    def kill_asterisk(self) -> None:
        """Kill the switch itself as a power cut would; whoever started it starts it again."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children(recursive=True)
        (switch,) = [one for one in children if any(part.endswith("/asterisk") for part in one.cmdline())]
        switch.kill()

    def pid(self, name: str) -> int:
        return int((self.state / "logs" / f"{name}.pid").read_text())

    def _is_ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"it ended by itself: {self.output.read_text()[-2000:]}")
        return self.answers()

    # --- what it has written ---

    @property
    def redis_url(self) -> str:
        return f"unix://{self.state / 'live' / 'valkey.sock'}"

    @property
    def database(self) -> Path:
        return self.state / "kundcenter.db"

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return what the database says, read from outside. A value in the query is a question mark."""
        if self.database_url.startswith("postgresql"):
            address = self.database_url.replace("+psycopg", "")
            with psycopg.connect(address, row_factory=psycopg.rows.dict_row) as other:
                return other.execute(query.replace("?", "%s"), values).fetchall()  # type: ignore[arg-type] # not a literal
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]
        finally:
            connection.close()

    def secret(self, name: str) -> str:
        return (self.state / "secrets" / name).read_text().strip()

    def log_lines(self, *names: str) -> list[dict[str, Any]]:
        """Return what our processes have logged, oldest first in each; a line that is not JSON is an ``error``."""
        files = [self.state / "logs" / f"{name}.log" for name in names or PROCESSES]
        lines = [line for file in files if file.exists() for line in file.read_text("utf-8", "replace").splitlines()]
        return [_parsed(line) for line in lines if line.strip()]

    def ari(self) -> aiohttp.ClientSession:
        """Return a client of the real switch's own interface, to be used as a context manager."""
        sign_in = aiohttp.encode_basic_auth("kundcenter", self.secret("ari_password"))
        return aiohttp.ClientSession(f"http://127.0.0.1:{self.ari_port}", headers={"Authorization": sign_in})

    async def hangs_everybody_up(self) -> None:
        """End every call at the real switch; the simulator's telephones are hung up by those who hold them."""
        if self.kind != "asterisk":
            return
        async with self.ari() as ari, ari.get("/ari/channels") as answer:
            for channel in await answer.json():
                await ari.delete(f"/ari/channels/{channel['id']}")

    def said_by_itself(self) -> list[dict[str, Any]]:
        """Return the lines of log of the process that keeps up all others; its words to the operator are none."""
        lines = self.output.read_text("utf-8", "replace").splitlines() if self.output.exists() else []
        ended = [{"level": "error", "event": line} for line in lines if line.startswith("Traceback ")]
        return [_parsed(line) for line in lines if line.startswith("{")] + ended

    async def lets_go_of_promises(self) -> None:
        """Let every citizen say that they need not be rung back any more, so that no story rings those of another."""
        from callbacks.service import Callbacks  # here: every test loads this file, also when that room is deleted

        database, clock = Database(self.database_url), SystemClock()
        callbacks = Callbacks(
            database=database, clock=clock, new_id=new_id, contacts=Contacts(database=database, clock=clock)
        )
        for row in self.rows("SELECT callback FROM callbacks WHERE state IN ('waiting', 'in_line', 'taken')"):
            await callbacks.cancel(CallbackId(row["callback"]), by="citizen")
        await database.close()

    def half_an_hour_passes(self, number: str) -> None:
        """Move back the clock of the promise to this number (E.164): what was 31 minutes ahead is now."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=5)) as connection, connection:
            back = 31 * 60 * 1_000_000
            promises = "SELECT callback FROM callbacks WHERE number = ?"
            connection.execute("UPDATE callbacks SET next_at = next_at - ? WHERE number = ?", (back, number))
            connection.execute(
                "UPDATE callback_attempts SET started_at = started_at - ?, ended_at = ended_at - ?"
                f" WHERE callback IN ({promises})",
                (back, back, number),
            )

    def the_chosen_time_comes(self, number: str) -> None:
        """Move back everything in the promise to this number (E.164) so that the time that was chosen begins now."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=5)) as connection, connection:
            now = round(time.time() * 1_000_000)
            moved = ", ".join(
                f"{column} = {column} - (slot_starts_at - ?)"
                for column in (
                    "next_at",
                    "told_starts_at",
                    "told_ends_at",
                    "promised_at",
                    "first_requested_at",
                    "slot_ends_at",
                )
            )
            connection.execute(
                f"UPDATE callbacks SET {moved}, slot_starts_at = ? WHERE number = ? AND state = 'waiting'",
                (*[now] * 7, number),
            )

    async def ledger_faults(self) -> list[str]:
        """Return what `kundcenter ledger check` finds wrong: nothing, when the books balance."""
        now = datetime.now(UTC)
        tally, findings = await examine(
            self.database_url,
            start=now - timedelta(days=1), end=now + timedelta(minutes=1), now=now,
        )  # fmt: skip
        wrong = [finding.what for finding in findings]
        return wrong if tally.holds else [*wrong, f"the outcomes do not add up: {tally}"]


def copied_configuration(folder: Path) -> Path:
    """Copy the configuration: the national number is always open, one more is closed for two days, one
    person is gone, and no hours are quiet."""
    shutil.copytree(ROOT / "config", folder)
    persons = folder / "demo" / "persons.yaml"
    kept = [one for one in re.split(r"(?m)^(?=  - subject:)", persons.read_text("utf-8")) if NOBODY not in one]
    persons.write_text("".join(kept), "utf-8")
    callbacks = folder / "callbacks.yaml"  # every story has us ring the same few telephones
    callbacks.write_text(
        re.sub(r"(number|person)_per_day: \d+", r"\1_per_day: 100", callbacks.read_text("utf-8")), "utf-8"
    )
    never_quiet(folder)
    weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    opens = weekdays[(datetime.now(UTC).weekday() + 3) % 7]
    (folder / "opening_hours.yaml").write_text(
        "entry_points:\n"
        f'  - {{id: national, numbers: ["{NATIONAL}"], week: {{}}, always_open: true}}\n'
        f'  - {{id: closed, numbers: ["{CLOSED}"], week: {{{opens}: ["08:00-20:00"]}}, holidays: ["08:00-20:00"]}}\n'
    )
    return folder


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {"level": "error", "event": line}
    return found if isinstance(found, dict) else {"level": "error", "event": line}


def dies_with_us() -> None:
    """Have the process that is about to begin end when we do."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait(condition: Callable[[], bool], *, within: float, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + at_most(within)
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s: {what()}")
        time.sleep(0.1)


async def eventually(condition: Callable[[], Any], *, within: float, what: str) -> Any:
    """Wait until ``condition()`` (or what it awaits) is true, and return it; raises ``TimeoutError`` with its name."""
    deadline = time.monotonic() + at_most(within)
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s: {what}")
        await asyncio.sleep(0.03)
