"""A caller's world for these tests: the simulated exchange, virtual time, and the real rooms behind the IVR."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from argon2 import PasswordHasher
from redis.asyncio import Redis

from app.promises import KeptPromises, told
from callbacks.events import CallbackNotPossible, CallbackPromised
from callbacks.model import Callback
from callbacks.service import Callbacks
from cases.adapters.register import EmbeddedRegister
from cases.configuration import load_benefits, load_demo_persons, load_payment_days
from cases.demo_persons import DemoPerson
from cases.ports import CaseRegister
from cases.service import Cases
from contacts.model import Contact
from contacts.service import Contacts
from core.clock import STOCKHOLM
from core.events import Event
from core.ids import ContactId
from core.language import Language
from identity.personnummer import parse
from identity.service import Identity
from ivr.editions import Editions
from ivr.events import CallbackRequested
from ivr.flow_file import load_book
from ivr.model import Wait
from ivr.notice_board import NoticeBoard
from ivr.notices import Place
from ivr.opening_hours_file import load_opening_hours
from ivr.service import CallFlow, Patience
from ivr.texting import TextAnswers
from ivr.wording_file import load_wordings
from skills_routing.configuration import load_routing
from storage.database import Database
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, SoundKind
from telephony.simulator.virtual_time import VirtualTime

CONFIG = Path(__file__).parents[3] / "config"
TUESDAY_MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NATIONAL = "0771524524"
PATIENCE = Patience()
PROOF = "274918"


def read(name: str) -> str:
    return (CONFIG / name).read_text("utf-8")


def read_all(folder: str) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted((CONFIG / folder).glob("*.yaml"))}


CATALOGUE = load_benefits(read("benefits.yaml"))
WORDINGS = load_wordings(read_all("wording"), names={one.benefit: one.label for one in CATALOGUE.benefits})
ROUTING = load_routing(queues=read("queues.yaml"), skills=read("skills.yaml"))
BOOK = load_book(
    read_all("flows"), wordings=WORDINGS, benefits={queue.id: queue.benefits for queue in ROUTING.queues.values()}
)
PERSONS = load_demo_persons(read("demo/persons.yaml"))
POINTS = load_opening_hours(read("opening_hours.yaml"))


def places(place: Place) -> list[str]:
    names = {Place.ENTRY_POINT: [point.id for point in POINTS], Place.QUEUE: list(ROUTING.queues)}
    return names.get(place, list(ROUTING.skills))


def skills_of(queue: str, language: Language) -> list[str]:
    return [need.skill for need in ROUTING.queue(queue).requirement(language).needs]


class World:
    """Everything that a call goes through, with time that passes only when told to."""

    def __init__(self, database: Database, redis: Redis, *, start: datetime = TUESDAY_MORNING) -> None:
        self.database = database
        self.redis = redis
        self.time = VirtualTime(start)
        self.numbers = itertools.count(1)
        self.exchange = LineSimulator(clock=self.time, new_id=self.new_id, timers=self.time)
        self.contacts = Contacts(database=database, clock=self.time)
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.identity = Identity(database=database, clock=self.time, pepper=b"a pepper for tests", hasher=hasher)
        self.register: CaseRegister = EmbeddedRegister(persons=PERSONS, today=self.today)
        self.callbacks = Callbacks(
            database=database, clock=self.time, new_id=self.new_id, contacts=self.contacts, new_proof=lambda: PROOF
        )
        self.kept = KeptPromises(self.callbacks, how_often=lambda: 3)
        self.book = BOOK
        self.wait: Wait | None = None
        """What is foreseen for whoever waits."""
        self.texts: TextAnswers | None = None
        """Who can be answered by text; nobody, where no texts are sent."""
        self.facts: list[Event] = []
        self.reacting: set[asyncio.Task[None]] = set()
        self.pump: asyncio.Task[None] | None = None
        database.on_commit(self.committed)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self.numbers)}"

    async def wait_of(self, _contact: ContactId) -> Wait | None:
        return self.wait

    def today(self) -> date:
        return self.time.now().astimezone(STOCKHOLM).date()

    async def start(self) -> None:
        """Let a controller take the exchange."""
        self.editions = Editions(self.book, POINTS)
        self.notices = NoticeBoard(
            database=self.database,
            clock=self.time,
            wordings=lambda: self.editions.newest.wordings,
            places=places,
            skills_of=skills_of,
        )
        await self.notices.refresh()
        self.call_flow = CallFlow(
            editions=self.editions,
            notices=self.notices,
            switch=self.exchange,
            redis=self.redis,
            database=self.database,
            contacts=self.contacts,
            identity=self.identity,
            cases=Cases(
                register=self.register,
                calendar=load_payment_days(read("payment_days.yaml")),
                catalogue=CATALOGUE,
                clock=self.time,
            ),
            clock=self.time,
            new_id=self.new_id,
            timers=self.time,
            patience=PATIENCE,
            wait_of=self.wait_of,
            promises=self.kept,
            our_number=NATIONAL,
            texts=self.texts,
        )
        self.pump = asyncio.create_task(self._take_events())
        await self.settle()

    async def stop(self) -> None:
        """Let the controller die as if it were killed: nothing is said goodbye to."""
        if self.pump is not None:
            self.pump.cancel()
            await asyncio.gather(self.pump, return_exceptions=True)
        await self.call_flow.close()

    async def codes(self, persons: Sequence[DemoPerson] = PERSONS[:3]) -> None:
        """Give demo persons their codes."""
        for person in persons:
            number = self.identity.person_id(parse(person.personnummer, on=self.today()))
            await self.identity.set_code(person=number, code=person.code)

    async def call(self, *, caller: str = "+46701740611", name: str = "", called: str = NATIONAL) -> SimulatedPhone:
        phone = self.exchange.call(called, caller=caller, display_name=name)
        await self.settle()
        return phone

    async def press(self, phone: SimulatedPhone, *keys: str) -> None:
        for key in keys:
            phone.press(key)
            await self.settle()

    async def listens_out(self, phone: SimulatedPhone) -> None:
        """Let a caller press nothing more, until the call is over or they wait with music."""
        for _ in range(20):
            if phone.ended is not None or phone.hears is SoundKind.MUSIC:
                return
            await self.pass_time(10)

    async def pass_time(self, seconds: float) -> None:
        self.time.advance(seconds)
        await self.settle()

    async def settle(self) -> None:
        """Wait until everything that was begun is done."""
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0)
            await self.call_flow.lanes.idle()
            if self.reacting:
                await asyncio.wait(self.reacting)
                quiet = 0
            quiet += 1

    async def the_contact(self) -> Contact:
        async with self.database.reading() as tx:
            (row,) = await self.contacts.open_ones(tx)
        return row

    async def get(self, contact: Contact) -> Contact:
        async with self.database.reading() as tx:
            return await self.contacts.get(tx, contact.contact)

    async def promises(self) -> Sequence[Callback]:
        async with self.database.reading() as tx:
            return await self.callbacks.waiting(tx)

    def told(self, kind: type[Event]) -> list[Event]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def committed(self, recorded: Sequence[tuple[int, Event]]) -> None:
        for _number, fact in recorded:
            self.facts.append(fact)
            match fact:
                case CallbackRequested():
                    self._react(
                        lambda fact=fact: self.callbacks.on_callback_requested(
                            contact=fact.contact,
                            leg=fact.leg,
                            queue=fact.queue,
                            language=fact.language,
                            reason=fact.reason,
                            slot_at=fact.slot_at,
                            told=told(fact),
                        )
                    )
                case CallbackPromised():
                    self._react(lambda fact=fact: self.call_flow.on_callback_promised(fact.contact, fact.already))
                case CallbackNotPossible():
                    self._react(lambda fact=fact: self.call_flow.on_callback_not_possible(fact.contact, fact.reason))

    def _react(self, work: Callable[[], object]) -> None:
        task = asyncio.ensure_future(work())  # type: ignore[arg-type]
        self.reacting.add(task)
        task.add_done_callback(self.reacting.discard)

    async def _take_events(self) -> None:
        async for event in self.exchange.events():
            await self.call_flow.on_call_event(event)
