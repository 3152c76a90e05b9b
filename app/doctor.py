"""Looks at everything that is needed, names what is wrong, and says how to mend it."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from app.configuration import load_configuration
from app.flow_surroundings import refuse_traps
from app.health import SWITCH_ALIVE_KEY
from app.metrics import WATCH_KEY
from app.present import present_settings
from app.promises import state_of_caps
from app.reloading import in_use_everywhere
from app.safety import complete
from app.settings import ROOT, Settings, SwitchKind
from app.switch_process import ARI_USER
from app.switches import NO_SOUND
from app.system import SystemClock
from app.tellings import faults_of as faults_of_telling
from app.text_providers import faults_of
from cases.events_store import read_at
from core.clock import STOCKHOLM
from core.errors import ConfigurationError, KundcenterError
from storage.database import Database
from storage.migrate import revisions
from storage.redis import live, our_errors
from telephony.asterisk.install import find, find_sound_programs
from telephony.asterisk.watching import WatchState

_ROOM_MB = 500
_CASES_SECONDS = 3
_POLL_LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what, its state in words, and the fix when it is not well."""

    what: str
    state: str
    ok: bool = True
    fix: str = ""

    @property
    def sign(self) -> str:
        """A sign for the eye."""
        return "ok  " if self.ok else "BAD "

    def as_dict(self) -> dict[str, object]:
        """Return the finding for JSON."""
        return asdict(self)


async def examine() -> list[Finding]:
    """Look at settings, configuration, stores, switch, sound, case systems, pages and processes."""
    try:
        settings = complete(present_settings())
    except (KundcenterError, ValueError) as error:
        return [Finding("settings", str(error), False, "Set what is named, or try the demo: make run")]
    first = Finding("settings", "complete" + (" (demo)" if settings.demo else ""))
    return [first, *[await _looked(look, settings) for look in _LOOKS]]


async def _looked(look: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    """What one look found. One that breaks is a finding too: the others are still needed."""
    try:
        return await look(settings)
    except Exception as error:
        what = look.__name__.strip("_").replace("_", " ")
        return Finding(what, f"cannot be looked at: {type(error).__name__}", False,
                       "See what KC_… says of it; the log of the process that uses it has more.")  # fmt: skip


async def _configuration(settings: Settings) -> Finding:
    try:
        loaded = load_configuration(settings.config_dir)
        refuse_traps(loaded, settings.config_dir)
    except ConfigurationError as error:
        more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
        return Finding("configuration", error.faults[0] + more, False, "Mend it; `kundcenter config check` names all.")
    figures = f"{len(loaded.routing.queues)} queues, {len(loaded.agents)} agents, {len(loaded.flows.flows)} flows"
    return Finding("configuration", figures)


async def _in_use(settings: Settings) -> Finding:
    """What the processes that run go by: the same in all of them, and what the folder says."""
    client = live(settings.live_url)
    try:
        found = await in_use_everywhere(client)
    except KundcenterError:
        found = {}
    finally:
        await client.aclose()
    if not found:
        return Finding("configuration in use", "no process runs")
    refused = next((one.faults[0] for one in found.values() if one.is_refusing), "")
    versions = sorted({one.version for one in found.values()})
    if refused:
        return Finding("configuration in use", f"{versions[0]}; a change is refused: {refused}", False,
                       "Mend it; until then all goes on as before.")  # fmt: skip
    fix = "Wait some seconds; if it stays so, restart the process that is behind."
    return Finding("configuration in use", f"{', '.join(versions)} in {len(found)} processes", len(versions) == 1, fix)


async def _disk(settings: Settings) -> Finding:
    folder = settings.state_dir.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="doctor-"):
            free = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        return Finding("disk", f"the state folder {settings.state_dir} cannot be made or written: {error.strerror}", False,
                       "Set KC_STATE_DIR to a folder that this user may write, or mend its rights.")  # fmt: skip
    return Finding("disk", f"{free} MB free", free >= _ROOM_MB, f"Free {_ROOM_MB} MB, or move KC_STATE_DIR.")


async def _database(settings: Settings) -> Finding:
    database = Database(settings.sql_url)
    try:
        has, newest = await revisions(database)
    except KundcenterError as error:
        return Finding(
            "database", error.in_words, False, "Start it or set KC_DATABASE_URL; `kundcenter db upgrade` makes it."
        )
    finally:
        await database.close()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    return Finding("database", f"{kind}, schema {has or 'none'}", has == newest, "Run: kundcenter db upgrade")


async def _live_store(settings: Settings) -> Finding:
    client = live(settings.live_url)
    try:
        async with our_errors():
            await client.ping()
    except KundcenterError as error:
        fix = (
            "Start Redis or mend KC_REDIS_URL." if settings.redis_url else "It runs while `make run` does: start that."
        )
        return Finding("live store", error.in_words, False, fix)
    finally:
        await client.aclose()
    return Finding("live store", "answers" if settings.redis_url else "embedded Valkey answers")


async def _asterisk(settings: Settings) -> Finding:
    if settings.switch is SwitchKind.SIMULATOR:
        return Finding("Asterisk", "not used: KC_SWITCH=simulator serves calls without sound")
    if settings.ari_url:
        programs = await asyncio.to_thread(find_sound_programs, settings.cache_dir)
        words = f"somebody else's, at {settings.ari_url}" + ("" if programs else "; prompts cannot be spoken here")
        return Finding("Asterisk", words, programs is not None, NO_SOUND)
    home = await asyncio.to_thread(find, settings.cache_dir)
    if home is None:
        return Finding("Asterisk", "none of 22.10.1 or newer", False, "Run: make asterisk (or KC_SWITCH=simulator)")
    return Finding(
        "Asterisk", f"{home.version}, from {'the machine' if home.source == 'this machine' else 'the cache'}"
    )


async def _ari(settings: Settings) -> Finding:
    if settings.switch is SwitchKind.SIMULATOR:
        return await _controller(settings)
    address = settings.ari_url or f"http://127.0.0.1:{settings.ari_port}"
    sign_in = aiohttp.encode_basic_auth(ARI_USER, settings.ari_password.get_secret_value())
    timeout = aiohttp.ClientTimeout(total=3)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"Authorization": sign_in}) as session,
            session.get(f"{address}/ari/asterisk/info?only=system") as answer,
        ):
            if answer.status == 401:
                return Finding(
                    "switch", "refuses our password", False, "Set KC_ARI_PASSWORD to the one in its ari.conf."
                )
    except (aiohttp.ClientError, TimeoutError):
        return Finding(
            "switch",
            f"does not answer at {address}",
            False,
            "Start it: make run (in production: kundcenter asterisk), or see asterisk/log in the state folder.",
        )
    return await _controller(settings)


async def _controller(settings: Settings) -> Finding:
    client = live(settings.live_url)
    try:
        async with our_errors():
            alive = await client.exists(SWITCH_ALIVE_KEY)
    except KundcenterError:
        alive = 0
    finally:
        await client.aclose()
    return Finding("switch", "a controller steers it" if alive else "no controller is connected", bool(alive),
                   "Start one: kundcenter switch (make run does).")  # fmt: skip


async def _watcher(settings: Settings) -> Finding:
    if settings.switch is SwitchKind.SIMULATOR:
        return Finding("watcher", "nothing to watch: no Asterisk")
    report = await _seen_by_watcher(settings)
    if report.get("state") == WatchState.STARTING:
        return Finding("watcher", "is starting")
    if report.get("state") != WatchState.WATCHING:
        return Finding(
            "watcher", "is not connected over AMI", False, "See that KC_AMI_PORT and KC_AMI_PASSWORD fit manager.conf."
        )
    refused = ", ".join(f"{number} × {kind.replace('_', ' ')}" for kind, number in sorted(report["refused"].items()))
    words = f"{report['reachable']} softphones registered, {report['restarts']} restarts; "
    return Finding("watcher", words + f"refused at the switch's door since we watch: {refused or 'nobody'}")


async def _seen_by_watcher(settings: Settings) -> dict[str, Any]:
    client = live(settings.live_url)
    try:
        async with our_errors():
            return dict(json.loads(await client.get(WATCH_KEY) or "{}"))
    except KundcenterError:
        return {}
    finally:
        await client.aclose()


async def _sound(settings: Settings) -> Finding:
    """How the last calls sound, as both ends report it over RTCP."""
    if settings.switch is SwitchKind.SIMULATOR:
        return Finding("sound", "nothing to hear: no Asterisk")
    seen = await _seen_by_watcher(settings)
    sound, worst = seen.get("sound"), seen.get("worst")
    if not sound:
        return Finding("sound", "no call has been reported on yet")
    words = (
        f"last {sound['legs']} legs: lost {_of(sound['loss_percent'], ' %')}; jitter {_of(sound['jitter_ms'], ' ms')}"
    )
    if not worst:
        return Finding("sound", words)
    return Finding("sound", f"{words}; {_of_worst(worst)}", not worst["is_bad"], _SOUND_FIXES[worst["side"]])


_SOUND_FIXES = {
    "agent": "See the network between that agent's browser and the switch: a wired one, no VPN, ports of KC_RTP_… open.",
    "citizen": "See the trunk and the way to the operator; if only one call is bad, it is that caller's own network.",
}


def _of_worst(worst: Mapping[str, Any]) -> str:
    contact = f"contact {worst['contact']}, " if worst["contact"] else ""
    trip = worst["round_trip_ms"]
    return (
        f"worst: {contact}leg {worst['leg']} ({worst['side']}'s), as the {worst['heard_by']} hears it: "
        f"lost {worst['loss_percent']:g} %, jitter {worst['jitter_ms']:g} ms"
        + (f", round trip {trip:g} ms" if trip is not None else "")
    )


def _of(figures: Mapping[str, float], unit: str) -> str:
    return f"{figures['mean']:g}{unit} on average, {figures['worst']:g}{unit} at worst"


async def _cases(settings: Settings) -> Finding:
    """Whether anything answers where the case systems are; no person is asked for."""
    if not settings.cases_url:
        return Finding("case systems", "the embedded register")
    fix = "Callers hear that we cannot see it just now. Start the systems, or mend KC_CASES_URL and the way to it."
    headers = {"Authorization": f"Bearer {settings.cases_token.get_secret_value()}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_CASES_SECONDS), headers=headers) as session,
            session.get(settings.cases_url, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, OSError, ValueError) as error:  # a time-out is an OSError
        why = f"the case systems do not answer at KC_CASES_URL: {type(error).__name__}"
        return Finding("case systems", why, False, fix)
    if status in (401, 403):
        return Finding("case systems", "refuse our token", False, "Set KC_CASES_TOKEN to one that they take.")
    if status >= 500:
        return Finding("case systems", f"the case systems do not answer well: status {status}", False, fix)
    return Finding("case systems", "answer")


async def _polling(settings: Settings) -> Finding:
    """When the case systems were last asked what is new, and answered."""
    if not (settings.cases_events_poll and settings.cases_url):
        return Finding(
            "events of matters", "not asked for: KC_CASES_EVENTS_POLL is off, so the systems tell us, or nobody does"
        )
    fix = "Notices by text come late or not at all. See the log of the sweeper for cases.…, and `case systems` above."
    database = Database(settings.sql_url)
    try:
        async with database.reading(short=True) as tx:
            at = await read_at(tx)
    except KundcenterError as error:
        return Finding("events of matters", f"not known: {error.in_words}", False, fix)
    finally:
        await database.close()
    if at is None:
        return Finding("events of matters", "asked for, and never answered", False, fix)
    late = SystemClock().now() - at
    words = f"last answered at {at.astimezone(STOCKHOLM):%Y-%m-%d %H.%M}"
    return Finding("events of matters", words, late < _POLL_LATE, fix)


async def _promises(settings: Settings) -> Finding:
    """Whether somebody has us promise so much that it looks like fraud."""
    database = Database(settings.sql_url)
    try:
        state, is_fraud = await state_of_caps(database, load_configuration(settings.config_dir).callbacks)
    except Exception as error:
        return await _not_known("callbacks", settings, error)
    finally:
        await database.close()
    fix = "kundcenter callbacks list shows what is promised and why; docs/howto/callbacks.md; caps in config/callbacks.yaml."
    return Finding("callbacks", state, not is_fraud, fix)


async def _texts(settings: Settings) -> Finding:
    try:
        who, faults = await faults_of(settings, load_configuration(settings.config_dir).sms)
    except Exception as error:
        return await _not_known("texts", settings, error)
    if not who:
        return Finding("texts", "nobody sends them: KC_SMS_PROVIDERS is empty")
    fix = "docs/howto/texts.md says what to look at; the log's sms.not_sent has the providers' reasons."
    return Finding("texts", "; ".join([who, *faults]), not faults, fix)


async def _told(settings: Settings) -> Finding:
    """Whether other systems take what they are told."""
    database = Database(settings.sql_url)
    try:
        who, faults = await faults_of_telling(settings, database)
    except Exception as error:
        return await _not_known("webhooks", settings, error)
    finally:
        await database.close()
    if not who:
        return Finding("webhooks", "no other system is told of anything: KC_WEBHOOKS is empty")
    fix = "kundcenter webhooks list --state waiting shows what they answer; docs/howto/webhooks.md."
    return Finding("webhooks", "; ".join([who, *faults]), not faults, fix)


async def _not_known(what: str, settings: Settings, error: Exception) -> Finding:
    """Why something in the database cannot be told. One without our tables answers in each kind's own way."""
    database = Database(settings.sql_url)
    try:
        has, newest = await revisions(database)
    except KundcenterError:
        has = newest = ""  # it does not answer at all, and that is what is told
    finally:
        await database.close()
    if has != newest and not isinstance(error, ConfigurationError):
        state = "has an older schema" if has else "has not got our tables yet"
        return Finding(what, f"not known: the database {state}", False, "Run: kundcenter db upgrade")
    if not isinstance(error, KundcenterError):
        raise error
    return Finding(what, f"not known: {error.in_words}", False, "Mend what is named above.")


async def _pages(settings: Settings) -> Finding:
    built = (ROOT / "dashboard" / "web" / "dist" / "index.html").exists()
    return Finding("pages", "built" if built else "not built", built, "Run: make web")


async def _web(settings: Settings) -> Finding:
    address = f"http://{settings.web_host}:{settings.web_port}/health/ready"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session,
            session.get(address) as answer,
        ):
            body = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return Finding("web", f"does not answer at {settings.base_url}", False, "Start it: make run")
    wrong = [f"{part}: {word}" for part, word in body.get("parts", {}).items() if word != "ok"]
    return Finding("web", "ready" if not wrong else "; ".join(wrong), not wrong, "Mend what is named above.")


_LOOKS: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (
    _configuration, _in_use, _disk, _database, _live_store, _asterisk, _ari, _watcher, _sound, _cases, _polling, _promises,
    _texts, _told, _pages, _web,
)  # fmt: skip
