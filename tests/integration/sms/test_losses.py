"""Providers lose, repeat, reorder and delay; every text goes once all the same, and every state is right in the end."""

from collections.abc import Callable

import pytest

from sms.model import Attempt, Message
from sms.ports import NotTakenError, UnclearError
from sms.results import Result
from sms.service import Sms
from storage.database import Database
from tests.builders.lossy_world import lossy_world
from tests.integration.sms.conftest import TEXTS

MANY = 1_000


@pytest.mark.thorough
async def test_of_a_thousand_texts_each_goes_once_and_ends_in_the_right_state(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    async with lossy_world(database, TEXTS) as world:
        await world.mean(MANY)
        await world.settle()
        losses = await world.count(MANY)
    record_property("table", "\n".join(losses.table(MANY)))
    assert losses.holds
    assert min(losses.faults.values()) > 5 and losses.receipts["twice"] > 5 and losses.receipts["out of order"] > 5, (
        "too little went wrong to say anything"
    )
    assert min(losses.kept.values()) > MANY // 10


class SendsAgain(Sms):
    """A room that takes a lost reply for a text that was not taken."""

    async def _ask(self, row: Message, attempt: Attempt) -> Result:
        result = await super()._ask(row, attempt)
        is_unclear = isinstance(result.answer, UnclearError)
        return Result(result.message, attempt, NotTakenError("lost")) if is_unclear else result


async def test_the_count_sees_a_room_that_sends_twice(database: Database) -> None:
    async with lossy_world(database, TEXTS, kind=SendsAgain) as world:
        world.receipts_are_late = True  # one that comes in time tells even such a room that the text was taken
        await world.mean(200)
        await world.settle()
        assert (await world.count(200)).sent_twice > 0
