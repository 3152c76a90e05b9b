"""A process is killed at every step of sending a text: the text goes once all the same, whichever provider was asked."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider
from sms.adapters.twilio import TwilioProvider
from sms.model import OVER, Purpose, State
from sms.ports import Provider, Taken, ToSend
from sms.routes import Route
from sms.service import Sms
from storage.database import Database, Transaction
from tests.builders.mortal_process import Killed, Steps
from tests.fakes.clock import HandClock
from tests.fakes.elks import Elks
from tests.fakes.twilio import Twilio
from tests.integration.sms.conftest import sms_by

CITIZEN = PhoneNumber("+46701740605")
MOST_STEPS, MOST_TURNS = 60, 40


class MortalProvider:
    """A provider as a process that may die sees it: before the request has left, and after it was answered."""

    def __init__(self, provider: Provider, steps: Steps) -> None:
        self._provider, self._steps, self.name = provider, steps, provider.name

    async def send(self, one: ToSend) -> Taken:
        self._steps.take(f"before {self.name} is asked")
        try:
            return await self._provider.send(one)
        finally:
            self._steps.take(f"after {self.name} was asked")

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        self._steps.take(f"before {self.name} looks it up")
        found = await self._provider.look_up(one)
        self._steps.take(f"after {self.name} looked it up")
        return found

    async def close(self) -> None: ...


@contextmanager
def mortal(database: Database, steps: Steps) -> Iterator[None]:
    """Have every transaction be a step before its commit, and one after it."""
    begin = database.transaction

    @asynccontextmanager
    async def transaction(**how: Any) -> AsyncIterator[Transaction]:
        async with begin(**how) as tx:
            yield tx
            steps.take("before a commit")
        steps.take("after a commit")

    database.transaction = transaction  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.transaction = begin  # type: ignore[method-assign]


async def one_life(database: Database, clock: HandClock, providers: Sequence[Provider], steps: Steps) -> str:
    """Mean to send a text, and send it until it is accepted or over, or we are dead; return what became of it."""
    sms = sms_by(database, clock, *(Route(provider=MortalProvider(one, steps)) for one in providers))
    with mortal(database, steps):
        for _ in range(MOST_TURNS):
            async with sms.database.transaction() as tx:
                made = await sms.intend(tx, purpose=Purpose.ANSWER, subject="con_1", name="help", number=CITIZEN)
            assert not isinstance(made, str)
            await sms.send_due()
            if (state := await _state(sms, made.message)) is State.ACCEPTED or state in OVER:
                return state
            clock.pass_time(seconds=31)
    return "never settled"


async def _state(sms: Sms, message: str) -> State:
    async with sms.database.reading() as tx:
        return (await sms.get(tx, message)).state


async def forget(database: Database) -> None:
    async with database.transaction() as tx:
        for table in ("sms_messages", "sms_attempts", "outbox"):
            await tx.connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.mark.parametrize("faults", [(), ("lost",), ("dropped",), ("429",), ("garbled", "429"), ("401", "lost")])
async def test_wherever_we_die_the_text_goes_once(
    database: Database, clock: HandClock, provider: ElksProvider, by_twilio: TwilioProvider, elks: Elks, twilio: Twilio,
    faults: tuple[str, ...],
) -> None:  # fmt: skip
    seen = []
    for kill_at in range(MOST_STEPS):
        elks.kept.clear(), twilio.kept.clear()
        left = iter(faults)
        elks.chance = twilio.chance = lambda left=left: next(left, "")  # type: ignore[misc]
        steps = Steps(kill_at)
        try:
            state = await one_life(database, clock, [provider, by_twilio], steps)
        except Killed:
            clock.pass_time(seconds=1)  # nobody starts anew at once
            state = await one_life(database, clock, [provider, by_twilio], Steps(None))
        had = len(elks.kept) + len(twilio.kept)
        assert (had, state) == (1, State.ACCEPTED), (
            f"killed {steps.killed_at or 'nowhere'} ({kill_at}): sent {had} times"
        )
        await forget(database)
        if not steps.dead.is_set():
            break
        seen.append(steps.killed_at)
    assert len(seen) >= 7, seen
    assert not steps.dead.is_set(), "there are more steps than were tried"
