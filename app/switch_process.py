"""Keeps our own Asterisk running: fetches it if need be, writes its configuration, starts it again when it dies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from app.agent_phones import agent_line
from app.configuration import Configuration
from app.last_good import configuration_to_start_with
from app.periodic import until_stopped
from app.settings import Settings, SwitchKind
from app.system import SystemClock
from core.errors import ConfigurationError
from core.phone import parse_phone
from telephony.asterisk.configuration import Configuration as Written
from telephony.asterisk.configuration import write_configuration
from telephony.asterisk.home import AsteriskHome, SoundPrograms
from telephony.asterisk.install import find_or_fetch
from telephony.asterisk.process import AsteriskProcess, SwitchDidNotStartError, start
from telephony.asterisk.settings import AgentLine, AsteriskSettings, DemoPhone
from telephony.asterisk.sounds import prepare_sounds
from telephony.asterisk.speech import Speech

ARI_USER = "kundcenter"
AMI_USER = "watcher"
DEMO_PHONES = {f"phone-{number}": f"+4670174061{number}" for number in range(1, 9)}
"""The telephones of the demo page and their numbers, from the series that PTS keeps for fiction."""

log = structlog.get_logger()


def asterisk_settings(settings: Settings, configuration: Configuration) -> AsteriskSettings:
    """Return what our Asterisk is started with."""
    state = settings.state_dir / "asterisk"
    return AsteriskSettings(
        ari_password=settings.ari_password.get_secret_value(),
        ami_password=settings.ami_password.get_secret_value(),
        sounds=state / "sounds",
        music=state / "music",
        spool=settings.state_dir / "stranded",
        sip_port=settings.sip_port,
        http_port=settings.ari_port,
        ami_port=settings.ami_port,
        rtp_ports=(settings.rtp_first_port, settings.rtp_last_port),
        ari_user=ARI_USER,
        ami_user=AMI_USER,
        numbers=_as_dialled(settings, configuration),
        sip_host=settings.sip_host,
        trunk_contact=settings.trunk_contact,
        trunk_addresses=settings.trunk_networks,
        agents=tuple(AgentLine(name=agent_line(agent.id)) for agent in configuration.agents),
        phones=tuple(DemoPhone(name=name, number=of) for name, of in DEMO_PHONES.items()) if settings.demo else (),
    )


def _as_dialled(settings: Settings, configuration: Configuration) -> tuple[str, ...]:
    """Return every number of ours in each form in which a network may hand it over."""
    national = parse_phone(settings.national_number)
    ours = [*([national] if national else []), *(n for point in configuration.entry_points for n in point.numbers)]
    forms = (form for number in ours for form in (number.national, number.e164[1:], number.e164))
    return tuple(dict.fromkeys([settings.national_number, *forms]))


def make_speech(programs: SoundPrograms, settings: Settings) -> Speech:
    """Return the voice: common prompts are kept in the cache folder, personal ones for a minute in the state folder."""
    return Speech(
        programs,
        recordings=settings.config_dir / "prompts",
        cache=settings.cache_dir / "prompts",
        personal=settings.state_dir / "asterisk" / "personal",
        clock=SystemClock(),
        key=settings.pepper.get_secret_value().encode(),
    )


async def keep_asterisk(settings: Settings) -> None:
    """Keep an Asterisk of ours up until told to stop. A system has one, and its end ends every call."""
    if settings.switch is not SwitchKind.ASTERISK or settings.ari_url:
        raise ConfigurationError("Somebody else's switch is used: KC_SWITCH or KC_ARI_URL says so.")
    async with run_asterisk(settings, lambda line: log.info("the switch is made ready", step=line)) as kept:
        await until_stopped(_watch(kept))


async def _watch(kept: asyncio.Task[None]) -> None:
    await asyncio.wait({kept})
    kept.result()


@asynccontextmanager
async def run_asterisk(settings: Settings, say: Callable[[str], None]) -> AsyncIterator[asyncio.Task[None]]:
    """Have an Asterisk of ours up while the block runs. One that dies is started again, and the controller told so.

    The task that is handed out ends only when it can be kept up no longer.
    """
    configuration = configuration_to_start_with(settings)
    home = await asyncio.to_thread(find_or_fetch, settings.cache_dir, say)
    wanted = asterisk_settings(settings, configuration)
    written = write_configuration(home, settings.state_dir / "asterisk", wanted)
    say(f"Starting Asterisk {home.version} (SIP {settings.sip_host}:{settings.sip_port}/udp).")
    await prepare_sounds(home, make_speech(home, settings), wanted)
    first = await start(home, written)
    keeper = asyncio.create_task(_keep(home, written, first))
    try:
        yield keeper
    finally:
        keeper.cancel()
        await asyncio.wait({keeper})


async def _keep(home: AsteriskHome, written: Written, process: AsteriskProcess) -> None:
    try:
        while True:
            status = await process.wait()
            log.error("the switch ended and is started again", status=status)
            process = await _start_again(home, written)
    finally:
        await process.stop()


async def _start_again(home: AsteriskHome, written: Written) -> AsteriskProcess:
    while True:
        try:
            return await start(home, written)
        except SwitchDidNotStartError as error:
            log.error("the switch did not start", reason=str(error))
            await asyncio.sleep(1)
