"""Numbers of persons on each kind of database: asked for, confirmed by the telephone, and let go of."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.ids import PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import ANSWERS, Binding, Kind, Nobody
from identity.bindings import MOST_NUMBERS, Bindings, Lifetime
from identity.errors import NumberNotPossibleError
from identity.events import NumberAsked
from storage.audit import audit, first_break
from storage.database import Database
from tests.fakes.clock import CountingIds, HandClock

NUMBER = PhoneNumber("+46701740605")
MAJA, NILS = PersonId("per_maja"), PersonId("per_nils")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def bindings(database: Database, clock: HandClock) -> Bindings:
    return Bindings(database=database, clock=clock, new_id=CountingIds(), lifetime=Lifetime)


@pytest.fixture
def facts(database: Database) -> list[Any]:
    told: list[Any] = []
    database.on_commit(lambda committed: told.extend(fact for _, fact in committed))
    return told


async def ask(bindings: Bindings, person: PersonId = MAJA, number: PhoneNumber = NUMBER, **more: Any) -> Binding:
    return await bindings.ask(
        person=person, subject=Subject(f"s-{person}"), number=number, language=Language.SWEDISH, by="call", **more
    )


async def owner(bindings: Bindings, number: PhoneNumber = NUMBER) -> Binding | Nobody:
    async with bindings.database.reading() as tx:
        return await bindings.owner(tx, number)


async def noted(bindings: Bindings) -> list[tuple[str, str]]:
    """What the chain of audit has, and by whose wish; it is whole."""
    async with bindings.database.reading() as tx:
        assert await first_break(tx) is None
        return [(row.what, row.reader) for row in await tx.execute(audit.select().order_by(audit.c.number))]


async def test_all_that_may_be_written_fits_into_its_row(bindings: Bindings) -> None:
    asked = await ask(bindings)
    await bindings.allow(asked.binding, set(Kind), by="call")
    what, _by = (await noted(bindings))[-1]
    assert len(what) <= 80


async def test_a_number_is_theirs_from_the_yes_of_its_telephone(bindings: Bindings, facts: list[Any]) -> None:
    asked = await ask(bindings)
    assert await owner(bindings) is Nobody.UNBOUND
    assert await bindings.answer(NUMBER, is_right=True)
    found = await owner(bindings)
    assert isinstance(found, Binding)
    assert (found.binding, found.person, found.allowed) == (asked.binding, MAJA, ANSWERS)
    assert not await bindings.answer(NUMBER, is_right=True), "nothing is asked any more"
    assert [type(fact) for fact in facts] == [NumberAsked]
    assert await noted(bindings) == [("number_asked", "call"), ("number_bound", "telephone")]
    assert NUMBER.e164[3:] not in repr(facts)


async def test_asked_five_times_at_once_it_is_one(bindings: Bindings) -> None:
    told = await asyncio.gather(*(ask(bindings) for _ in range(5)), return_exceptions=True)
    assert any(isinstance(one, Binding) for one in told)
    assert all(isinstance(one, Binding | NumberNotPossibleError) for one in told), told
    await bindings.answer(NUMBER, is_right=True)
    async with bindings.database.reading() as tx:
        assert len(await bindings.of_person(tx, MAJA)) == 1


async def test_a_call_from_the_number_lets_it_hold_anew_and_nothing_else_does(
    bindings: Bindings, clock: HandClock
) -> None:
    await ask(bindings)
    await bindings.answer(NUMBER, is_right=True)
    clock.pass_time(days=170)
    assert await bindings.confirm(MAJA, NUMBER)
    assert not await bindings.confirm(NILS, NUMBER)
    clock.pass_time(days=170)
    assert isinstance(await owner(bindings), Binding)
    clock.pass_time(days=11)
    assert await owner(bindings) is Nobody.UNBOUND
    assert not await bindings.confirm(MAJA, NUMBER), "what has lapsed is asked for anew"


async def test_a_telephone_that_says_no_or_too_late_is_nobodys(bindings: Bindings, clock: HandClock) -> None:
    await ask(bindings)
    assert await bindings.answer(NUMBER, is_right=False)
    assert not await bindings.answer(NUMBER, is_right=True)
    await ask(bindings)
    clock.pass_time(minutes=61)
    assert not await bindings.answer(NUMBER, is_right=True)
    assert await owner(bindings) is Nobody.UNBOUND


async def test_what_may_be_written_is_noted_when_it_changes(bindings: Bindings) -> None:
    asked = await ask(bindings)
    assert await bindings.allow(asked.binding, {Kind.AMOUNT}, by="call")
    assert await bindings.allow(asked.binding, {Kind.AMOUNT}, by="call")
    assert await bindings.set_kinds(MAJA, NUMBER, {Kind.STATUS}, by="system:mina-sidor")
    assert not await bindings.set_kinds(NILS, NUMBER, {Kind.STATUS}, by="system:mina-sidor")
    assert not await bindings.allow("bnd_none", {Kind.AMOUNT}, by="call")
    assert (await noted(bindings))[1:] == [
        ("writing:amount,payment,status", "call"), ("writing:status", "system:mina-sidor"),
    ]  # fmt: skip


async def test_a_number_or_a_person_can_be_let_go_of(bindings: Bindings) -> None:
    other = PhoneNumber("+46701740606")
    for person, number in ((MAJA, NUMBER), (NILS, NUMBER), (MAJA, other)):
        await ask(bindings, person, number)
        await bindings.answer(number, is_right=True)
    assert await owner(bindings) is Nobody.SHARED
    assert await bindings.unbind_number(NUMBER, by="text") == 2
    assert await owner(bindings) is Nobody.UNBOUND
    assert await bindings.unbind_person(MAJA, by="call", number=NUMBER) == 0
    assert await bindings.unbind_person(MAJA, by="call") == 1
    assert [by for what, by in await noted(bindings) if what == "number_unbound"] == ["text", "text", "call"]


@pytest.mark.parametrize("number", ["+4681234567", "+4520123456"])
async def test_only_swedish_mobile_numbers_can_be_somebodys(bindings: Bindings, number: str) -> None:
    with pytest.raises(NumberNotPossibleError):
        await ask(bindings, number=PhoneNumber(number))


async def test_nobody_has_more_than_a_few(bindings: Bindings) -> None:
    for one in range(MOST_NUMBERS):
        await ask(bindings, number=PhoneNumber(f"+4670174061{one}"))
    with pytest.raises(NumberNotPossibleError):
        await ask(bindings)
    await ask(bindings, NILS)


async def test_what_is_long_over_is_forgotten_and_nothing_else(bindings: Bindings, clock: HandClock) -> None:
    kept, ended = PhoneNumber("+46701740606"), PhoneNumber("+46701740607")
    for number in (NUMBER, kept, ended):
        await ask(bindings, number=number)
        await bindings.answer(number, is_right=True)
    await bindings.unbind_number(ended, by="text")
    clock.pass_time(days=100)
    await bindings.confirm(MAJA, kept)
    assert await bindings.forget(older_than=timedelta(days=90)) == 1
    clock.pass_time(days=171)
    assert await bindings.forget(older_than=timedelta(days=90)) == 1
    async with bindings.database.reading() as tx:
        assert [one.number for one in await bindings.of_person(tx, MAJA)] == [kept]
