"""Makes the switch that the settings name: a real Asterisk, or the line simulator for the demo."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog

from app.periodic import every
from app.settings import Settings, SwitchKind
from app.switch_process import ARI_USER, DEMO_PHONES, make_speech
from app.system import SystemClock, new_id
from core.errors import ConfigurationError
from core.phone import parse_phone
from storage.redis import live
from telephony.asterisk.adapter import AsteriskSwitch
from telephony.asterisk.install import find_sound_programs
from telephony.asterisk.placing import Endpoints
from telephony.asterisk.speech import Speech
from telephony.model import Utterance
from telephony.phone_feed import PhoneFeed
from telephony.ports import Switch
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.remote import told_to
from telephony.transcript import TranscribedSwitch

NO_SOUND = "Nothing is here to speak prompts with: run `make asterisk`, or install espeak-ng and sox."

log = structlog.get_logger()


class Voice:
    """Speaks prompts before a caller waits for them. Where there is no sound it has nothing to do."""

    def __init__(self) -> None:
        self.speech: Speech | None = None

    async def speak(self, prompts: Iterable[Utterance], *, within: float | None = None) -> None:
        """Speak those of these prompts that have never been spoken, for ``within`` seconds at most."""
        if self.speech is None:
            return
        try:
            async with asyncio.timeout(within):
                failed = await self.speech.prepare(prompts)
        except TimeoutError:
            log.warning("prompts are not ready in time, and are spoken when they are needed")
        else:
            log.info("prompts are ready", failed=failed)


@asynccontextmanager
async def the_switch(settings: Settings, voice: Voice) -> AsyncIterator[Switch]:
    """Make the switch, and let it go at the end. In the demo its telephones are shown what they hear, as text.

    ``voice`` can speak as soon as the switch can.
    """
    feed = PhoneFeed(live(settings.live_url))
    telling = asyncio.create_task(feed.run())
    if settings.switch is SwitchKind.SIMULATOR:
        yield _simulator(feed)
        telling.cancel()
        return
    programs = await asyncio.to_thread(find_sound_programs, settings.cache_dir)
    if programs is None:
        raise ConfigurationError(NO_SOUND)
    speech = make_speech(programs, settings)
    switch = AsteriskSwitch(
        base_url=settings.ari_url or f"http://127.0.0.1:{settings.ari_port}",
        user=ARI_USER,
        password=settings.ari_password.get_secret_value(),
        speech=speech,
        clock=SystemClock(),
        endpoints=Endpoints(phones={number: name for name, number in DEMO_PHONES.items()} if settings.demo else None),
    )
    voice.speech = speech
    sweeping = asyncio.create_task(every(20, "forget personal sounds", lambda: _sweep(speech)))
    try:
        yield TranscribedSwitch(switch, feed, is_ours=_is_demo_phone) if settings.demo else switch
    finally:
        sweeping.cancel()
        telling.cancel()
        await switch.close()


def _simulator(feed: PhoneFeed) -> LineSimulator:
    return LineSimulator(clock=SystemClock(), new_id=new_id, seconds_per_character=0.02, on_sound=told_to(feed))


def _is_demo_phone(caller: str) -> bool:
    number = parse_phone(caller)
    return number is not None and number.e164 in DEMO_PHONES.values()


async def _sweep(speech: Speech) -> None:
    speech.sweep()
