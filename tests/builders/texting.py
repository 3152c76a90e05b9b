"""Handsets for tests: what stands on one, and writing from it, with every reaction done when a call returns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from itertools import count
from pathlib import Path

from app.safety import complete
from app.settings import Settings, SwitchKind
from app.wiring import Rooms, rooms_of
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import ANSWERS, Binding, Kind
from identity.personnummer import parse
from sms.adapters.simulator import SimulatedProvider
from storage.schema import metadata
from tests.fakes.clock import HandClock

CITIZEN = PhoneNumber("+46701740605")


@asynccontextmanager
async def texting_rooms(folder: Path, valkey_url: str, clock: HandClock, **more: object) -> AsyncIterator[Rooms]:
    """Every room of a demonstration in one process, whose provider of texts is simulated."""
    settings = Settings(demo=True, switch=SwitchKind.SIMULATOR, state_dir=folder, redis_url=valkey_url, **more)
    async with rooms_of(complete(settings), clock=clock) as rooms:
        async with rooms.database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        yield rooms


async def handset(rooms: Rooms, number: PhoneNumber = CITIZEN) -> list[str]:
    """What stands on a handset, the newest first, once all is sent that is due."""
    await rooms.dispatcher.settled()
    await rooms.sms.send_due()
    await rooms.dispatcher.settled()
    return [one.text for one in await SimulatedProvider(rooms.database, rooms.clock).on_handset(number)]


_names = count(1)


class Writer:
    """Somebody who writes from a handset and reads what comes."""

    def __init__(self, rooms: Rooms, clock: HandClock, number: PhoneNumber = CITIZEN) -> None:
        self.rooms, self.clock, self.number = rooms, clock, number

    async def writes(self, text: str) -> str:
        """Write, and return the one answer; ``""`` when there is none."""
        before = await handset(self.rooms, self.number)
        self.clock.pass_time(seconds=5)
        name = f"text-{next(_names)}"
        await self.rooms.sms.receive(provider="simulator", provider_id=name, number=self.number.e164, text=text)
        after = await handset(self.rooms, self.number)
        new = after[: len(after) - len(before)]
        assert len(new) <= 1, new
        return new[0] if new else ""


async def asks_in_a_call(
    rooms: Rooms,
    number: PhoneNumber,
    *,
    subject: str = "demo-01",
    kinds: frozenset[Kind] = ANSWERS,
    language: Language = Language.SWEDISH,
) -> Binding:
    """Have one of the demonstration's persons ask for answers on a number, as they do in a call."""
    found = next(one for one in rooms.configuration.persons if one.subject == subject)
    person = rooms.identity.person_id(parse(found.personnummer, on=date(2026, 11, 16)))
    asked = await rooms.bindings.ask(
        person=person, subject=found.subject, number=number, language=language, by="call", kinds=kinds
    )
    await rooms.dispatcher.settled()
    return asked
