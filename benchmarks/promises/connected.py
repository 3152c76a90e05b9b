"""How soon whoever was rung back hears an agent: on a real Asterisk, with the whole product, until the promise is kept.

Counted from when the citizen's telephone takes the call where an agent was rung first, and from the key where the citizen was
(ADR 0020). ``talked_at`` is written after the switch has connected the two, so what is measured is never too little. In the
end so much delay is put on the cable between our controller and the switch that the bound must break (negative control).
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from sqlalchemy import select

from app.system import SystemClock, new_id
from benchmarks.desks.agents import RobotAgent
from benchmarks.desks.installation import installed, robots
from benchmarks.promises.people import number_of
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from callbacks.store import callbacks
from contacts.service import Contacts
from core.ids import CallbackId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from storage.database import Database
from tests.fakes.sip_phone import SipCall, SipPhone

WITHIN = 2.0
"""Seconds from the citizen's answer until they hear an agent."""

AGENTS, TALK_SECONDS = 4, (4.0, 6.0)
AGENT_FIRST, CITIZEN_FIRST = "sjuk", "allmant"
EACH, LATE_EACH, LATE_BY = 20, 3, 2.2
MOST_SECONDS = 90.0
LISTENS = 1.0
"""Seconds that a citizen listens before the key: whoever presses is not measured for how long they think."""


class _Citizens:
    """Everybody whom we ring, at the end of the trunk; ``began`` is when each of them was ready to talk."""

    def __init__(self, phone: SipPhone) -> None:
        self.began: dict[str, float] = {}
        self._phone = phone
        self._calls: set[asyncio.Task[None]] = set()
        self.presses = False

    async def take_calls(self) -> None:
        while True:
            call = await self._phone.rung(within=3600)
            task = asyncio.create_task(self._talk(call, _number_in(call)))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _talk(self, call: SipCall, number: str) -> None:
        call.answer()
        if self.presses:
            await asyncio.sleep(LISTENS)
            call.press("1")
        self.began[number] = time.time()
        await call.ended.wait()


async def connected(folder: Path, *, each: int = EACH, late_each: int = LATE_EACH) -> dict[str, object]:
    """Run it in a folder, and return the figures; seconds."""
    agents: list[RobotAgent] = await robots(AGENTS, talk=TALK_SECONDS)
    numbers = (number_of(index) for index in count())
    async with await SipPhone.open() as phone, installed(folder, agents, trunk_port=phone.port) as here:
        citizens = _Citizens(phone)
        taking = asyncio.create_task(citizens.take_calls())
        database = Database(here.system.database_url)
        try:
            agent_first = await _round(database, citizens, numbers, AGENT_FIRST, each)
            citizens.presses = True
            citizen_first = await _round(database, citizens, numbers, CITIZEN_FIRST, each)
            citizens.presses, here.cable.seconds = False, LATE_BY
            late = await _round(database, citizens, numbers, AGENT_FIRST, late_each)
            here.cable.seconds = 0
            faults = len(await here.system.ledger_faults())
        finally:
            taking.cancel()
            await database.close()
    spread = {"agent_first": agent_first, "citizen_first": citizen_first, "late": late}
    figures: dict[str, object] = {}
    for name, some in spread.items():
        figures |= _figures(f"connected_{name}", some)
    return {
        **figures,
        "connected_not_kept": 2 * each - len(agent_first) - len(citizen_first),
        "connected_ledger_faults": faults,
    }


async def _round(
    database: Database, citizens: _Citizens, numbers: Iterator[str], queue: str, how_many: int
) -> list[float]:
    """Promise to ring so many at once, wait until each promise is kept, and return the seconds to each talk."""
    clock = SystemClock()
    part = Callbacks(database=database, clock=clock, new_id=new_id, contacts=Contacts(database=database, clock=clock))
    promised = [await _promise(part, database, next(numbers), queue) for _ in range(how_many)]
    until = time.monotonic() + MOST_SECONDS
    rows = await _kept(database, promised)
    while len(rows) < how_many and time.monotonic() < until:
        await asyncio.sleep(0.2)
        rows = await _kept(database, promised)
    return [at - citizens.began[number] for number, at in rows if number in citizens.began]


async def _promise(part: Callbacks, database: Database, number: str, queue: str) -> CallbackId:
    contact = ContactId(new_id("con"))
    contacts = Contacts(database=database, clock=SystemClock())
    async with database.transaction() as tx:
        await contacts.open(tx, contact=contact, caller=number)
        await contacts.wants_callback(tx, contact, PhoneNumber(number))
    fact = await part.on_callback_requested(
        contact=contact, leg=None, queue=queue, language=Language.SWEDISH, reason="unwilling_to_wait"
    )
    async with database.transaction() as tx:
        await contacts.close(tx, contact)
    return fact.callback  # type: ignore[union-attr]


async def _kept(database: Database, promised: Iterable[CallbackId]) -> list[tuple[str, float]]:
    wanted = select(callbacks.c.number, callbacks.c.talked_at).where(
        callbacks.c.callback.in_(promised), callbacks.c.state == CallbackState.KEPT
    )
    async with database.reading() as tx:
        return [(row.number, row.talked_at.timestamp()) for row in (await tx.execute(wanted)).all()]


def _figures(name: str, some: list[float]) -> dict[str, object]:
    ordered = sorted(some) or [float("inf")]
    last = len(ordered) - 1
    return {
        f"{name}_p50_seconds": round(ordered[last // 2], 3),
        f"{name}_p99_seconds": round(ordered[round(0.99 * last)], 3),
        f"{name}_max_seconds": round(ordered[-1], 3),
        f"{name}_measured": len(some),
    }


def _number_in(call: SipCall) -> str:
    assert call.invite
    return call.invite.first.partition(":")[2].partition("@")[0]
