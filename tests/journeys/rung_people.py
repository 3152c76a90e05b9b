"""Citizens whose telephone we ring: the same gestures over SIPp, over a telephone of our own, and on the simulator."""

import asyncio
import json
import tempfile
from pathlib import Path

from redis.asyncio import Redis

from app.cache_folder import chosen_cache
from app.system import SystemClock
from core.language import Language
from telephony.asterisk.install import find_or_fetch
from telephony.asterisk.speech import Speech
from telephony.model import Utterance
from telephony.phone_feed import feed_of
from telephony.simulator.remote import RemotePhones
from tests.fakes.sip_phone import SipCall, SipPhone
from tests.fakes.sip_sound import speech_of
from tests.patience import at_most
from tests.running import eventually
from tests.sipp.rung_telephone import SippRungCall, SippRungPhone


class RungPerson:
    """A citizen whose telephone we ring."""

    async def rings(self, *, within: float = 12) -> None:
        raise NotImplementedError

    def rings_again(self) -> bool:
        """Tell whether it has rung once more since it was last waited for."""
        raise NotImplementedError

    async def answer(self) -> None:
        raise NotImplementedError

    async def answer_as_machine(self) -> None:
        """Let a machine take the call, with a greeting as they have."""
        raise NotImplementedError

    async def does_not_answer(self) -> None:
        """Let it ring until the network gives up: at once, in a story."""
        raise NotImplementedError

    async def press(self, keys: str) -> None:
        raise NotImplementedError

    async def hears_words(self, *, within: float = 12) -> None:
        raise NotImplementedError

    async def hears_somebody(self, *, within: float = 12) -> None:
        raise NotImplementedError

    async def hang_up(self) -> None:
        raise NotImplementedError


class SimulatorRungPerson(RungPerson):
    """A telephone without sound that is plugged in."""

    def __init__(self, redis: Redis, number: str) -> None:
        self._redis = redis
        self._buttons = RemotePhones(redis)
        self._number = number
        self._noticed: list[str] = []
        self._ear: asyncio.Task[None] | None = None

    async def plug_in(self) -> None:
        ready = asyncio.Event()
        self._ear = asyncio.create_task(self._listen(ready))
        await asyncio.wait_for(ready.wait(), at_most(3))
        await self._buttons.plug_in(self._number)

    async def is_heard_of_again(self) -> None:
        """Follow what becomes of this telephone once more, after the live store was gone that tells it."""
        await self.unplug()
        ready = asyncio.Event()
        self._ear = asyncio.create_task(self._listen(ready))
        await asyncio.wait_for(ready.wait(), at_most(3))

    async def unplug(self) -> None:
        if self._ear is not None:
            self._ear.cancel()
            await asyncio.gather(self._ear, return_exceptions=True)

    async def rings(self, *, within: float = 12) -> None:
        await eventually(lambda: "ringing" in self._noticed, within=within, what="the citizen's telephone rings")
        del self._noticed[: self._noticed.index("ringing") + 1]

    def rings_again(self) -> bool:
        return "ringing" in self._noticed

    async def answer(self) -> None:
        await self._buttons.answer(self._number)

    async def answer_as_machine(self) -> None:
        await self._buttons.answer(self._number, as_machine=True)

    async def does_not_answer(self) -> None:
        await self._buttons.reject(self._number)

    async def press(self, keys: str) -> None:
        await self._buttons.press(self._number, keys)

    async def hears_words(self, *, within: float = 12) -> None:
        await eventually(lambda: "said" in self._noticed, within=within, what="the citizen hears who rings")

    async def hears_somebody(self, *, within: float = 12) -> None:
        await eventually(lambda: "connected" in self._noticed, within=within, what="the citizen is connected")

    async def hang_up(self) -> None:
        await self._buttons.hang_up(self._number)

    async def _listen(self, ready: asyncio.Event) -> None:
        async with self._redis.pubsub() as ear:
            await ear.subscribe(feed_of(self._number))
            async for message in ear.listen():
                if message["type"] == "subscribe":
                    ready.set()
                else:
                    self._noticed.append(json.loads(message["data"])["kind"])


GREETING = (
    "Hej! Du har kommit till Karin och Lennart Johansson. Vi kan tyvärr inte svara i telefonen just nu, "
    "men lämna gärna ett meddelande efter tonen så hör vi av oss så snart vi kan. Tack och hej!"
)


async def greeting() -> bytes:
    """Return what a machine says, in a Swedish voice and µ-law."""
    if not _greeting:
        _greeting.append(await _spoken(GREETING))
    return _greeting[0]


_greeting: list[bytes] = []


async def _spoken(text: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="kc-voice-") as folder:
        path = Path(folder)
        home = await asyncio.to_thread(find_or_fetch, chosen_cache())
        speech = Speech(
            home, recordings=path, cache=path / "cache", personal=path / "personal", clock=SystemClock(), key=b"voice"
        )
        return speech_of(await speech.file(Utterance(text, Language.SWEDISH)))


class SippRungPerson(RungPerson):
    """A real telephone at the end of the trunk: SIPp."""

    def __init__(self, phone: SippRungPhone) -> None:
        self._phone = phone
        self._call: SippRungCall | None = None

    @property
    def line(self) -> SippRungCall:
        assert self._call, "it was never rung"
        return self._call

    async def rings(self, *, within: float = 12) -> None:
        self._call = await self._phone.rung(within=within)

    async def answer(self) -> None:
        await self.line.answer()

    async def answer_as_machine(self) -> None:
        await self.line.answer_as_machine()

    async def does_not_answer(self) -> None:
        await self.line.reject()

    async def press(self, keys: str) -> None:
        await self.line.press(keys)

    async def hears_words(self, *, within: float = 12) -> None:
        await self.line.hears_sound(within=within)

    async def hears_somebody(self, *, within: float = 12) -> None:
        await self.line.hears_sound(within=within, packets=1)

    async def hang_up(self) -> None:
        await self.line.hang_up()


class SipRungPerson(RungPerson):
    """The same where SIPp cannot be had, or may not send sound: our own telephone."""

    def __init__(self, phone: SipPhone) -> None:
        self._phone = phone
        self.line: SipCall | None = None

    async def rings(self, *, within: float = 12) -> None:
        self.line = await self._phone.rung(within=within)

    async def answer(self) -> None:
        assert self.line
        self.line.answer()

    async def answer_as_machine(self) -> None:
        said = await greeting()
        await self.answer()
        assert self.line
        self.line.say(said)

    async def does_not_answer(self) -> None:
        assert self.line
        self.line.reject(480)

    async def press(self, keys: str) -> None:
        assert self.line
        self.line.press(keys)

    async def hears_words(self, *, within: float = 12) -> None:
        assert self.line
        await self.line.hears_sound(within=within)

    async def hears_somebody(self, *, within: float = 12) -> None:
        assert self.line
        await self.line.hears_sound(within=within, packets=1)

    async def hang_up(self) -> None:
        assert self.line
        await self.line.hang_up()
