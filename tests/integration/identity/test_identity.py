"""Codes are tried a few times and no more, whatever happens in between."""

import asyncio
import io
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from argon2 import PasswordHasher
from sqlalchemy import func, select

from core.ids import AgentId, ContactId, PersonId
from identity import codes, store
from identity.errors import BadCodeError, IdentityBusyError
from identity.model import Limits, Verification
from identity.personnummer import parse
from identity.service import Identity
from storage.database import Database
from tests.fakes.clock import HandClock

ROOT = Path(__file__).parents[3]
PEPPER = b"a pepper that only this test knows"
RIGHT, BAD = "274913", "274914"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def identity(database: Database, clock: HandClock) -> Identity:
    return Identity(database=database, clock=clock, pepper=PEPPER, limits=Limits(per_caller_and_hour=8), hasher=QUICK)


@pytest.fixture
async def person(identity: Identity, clock: HandClock) -> PersonId:
    person = identity.person_id(parse("199006022397", on=clock.now().date()))
    await identity.set_code(person=person, code=RIGHT)
    return person


Try = Callable[..., Awaitable[Verification]]


@pytest.fixture
def attempt(identity: Identity, person: PersonId) -> Try:
    async def tried(code: str, contact: str = "con_1", who: PersonId = person, caller: str = "") -> Verification:
        return await identity.verify(person=who, code=code, contact=ContactId(contact), caller=caller)

    return tried


async def test_the_right_code_verifies_and_a_wrong_one_does_not(attempt: Try) -> None:
    assert await attempt(BAD) is Verification.WRONG
    assert await attempt(RIGHT) is Verification.VERIFIED


async def test_a_new_code_replaces_the_old_one(attempt: Try, identity: Identity, person: PersonId) -> None:
    await identity.set_code(person=person, code="860427")
    assert await attempt(RIGHT) is Verification.WRONG
    assert await attempt("860427") is Verification.VERIFIED


@pytest.mark.parametrize("code", ["", "12345", "123456", "000000", "１２３４５６", "27491x", "x" * 10_000])
async def test_a_bad_code_cannot_be_set(identity: Identity, person: PersonId, code: str) -> None:
    with pytest.raises(BadCodeError):
        await identity.set_code(person=person, code=code)


@pytest.mark.parametrize("code", ["", "\x00", "\ud800", "9" * 100_000, "' OR 1=1 --", "２７４９１３"])
async def test_odd_text_in_place_of_a_code_is_only_wrong(attempt: Try, code: str) -> None:
    assert await attempt(code) is Verification.WRONG


async def test_after_three_wrong_tries_in_a_call_even_the_right_code_does_not_help(attempt: Try) -> None:
    assert [await attempt(BAD) for _ in range(3)] == [Verification.WRONG] * 3
    assert await attempt(RIGHT) is Verification.LOCKED
    assert await attempt(RIGHT, "con_2") is Verification.VERIFIED


async def test_after_five_wrong_tries_in_a_day_a_person_is_locked_until_the_swedish_midnight(
    attempt: Try, clock: HandClock
) -> None:
    for number in range(5):
        assert await attempt(BAD, f"con_{number}") is Verification.WRONG
    assert await attempt(RIGHT, "con_a") is Verification.LOCKED
    clock.pass_time(hours=13, minutes=59)  # 23:59 in Sweden
    assert await attempt(RIGHT, "con_b") is Verification.LOCKED
    clock.pass_time(minutes=1)
    assert await attempt(RIGHT, "con_c") is Verification.VERIFIED


async def test_right_codes_do_not_use_up_the_tries(attempt: Try) -> None:
    for number in range(12):
        assert await attempt(RIGHT, f"con_{number // 6}") is Verification.VERIFIED


async def test_a_right_code_does_not_forgive_the_wrong_ones(attempt: Try) -> None:
    for number in range(4):
        assert await attempt(BAD, f"con_{number}") is Verification.WRONG
    assert await attempt(RIGHT, "con_x") is Verification.VERIFIED
    assert await attempt(BAD, "con_y") is Verification.WRONG
    assert await attempt(RIGHT, "con_z") is Verification.LOCKED


async def test_somebody_with_the_right_to_do_so_lets_a_person_begin_anew(
    attempt: Try, identity: Identity, person: PersonId
) -> None:
    for number in range(6):
        await attempt(BAD, f"con_{number}")
    await identity.reset_tries(person=person, by=AgentId("disa"))
    assert await attempt(RIGHT, "con_x") is Verification.VERIFIED


async def test_a_try_counts_though_whoever_checked_it_was_killed(
    attempt: Try, identity: Identity, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    async def killed(*_: object) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as broken:
        broken.setattr(codes.Codes, "fits", killed)
        for number in range(5):
            with pytest.raises(asyncio.CancelledError):
                await attempt(RIGHT, f"con_{number}")
    async with database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(store.identity_tries))).scalar_one() == 5
    assert await attempt(RIGHT, "con_x") is Verification.LOCKED


TRIES = """
import asyncio, sys
from argon2 import PasswordHasher
from core.ids import ContactId, PersonId
from identity.codes import Codes
from identity.service import Identity
from storage.database import Database
from tests.fakes.clock import HandClock

async def never(*_):
    print("checking", flush=True)
    await asyncio.Event().wait()

async def main():
    url, pepper, person = sys.argv[1:]
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    identity = Identity(database=Database(url), clock=HandClock(), pepper=pepper.encode(), hasher=quick)
    Codes.fits = never
    await identity.verify(person=PersonId(person), code="274914", contact=ContactId("con_killed"))

asyncio.run(main())
"""


async def test_a_try_counts_when_the_process_is_killed_in_the_middle_of_it(
    database: Database, clock: HandClock, person: PersonId
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", TRIES, url, PEPPER.decode(), person, stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"checking\n"
        process.kill()
        await process.wait()
    limits = Limits(per_person_and_day=2)
    identity = Identity(database=database, clock=clock, pepper=PEPPER, limits=limits, hasher=QUICK)
    assert await identity.verify(person=person, code=RIGHT, contact=ContactId("con_x")) is Verification.LOCKED


async def test_of_twenty_tries_at_the_same_time_at_most_three_in_a_call_are_checked(attempt: Try) -> None:
    results = await asyncio.gather(*(attempt(BAD) for _ in range(20)))
    assert results.count(Verification.LOCKED) >= 17
    assert await attempt(RIGHT) is Verification.LOCKED


async def test_of_twenty_calls_at_the_same_time_at_most_five_try_a_person(attempt: Try) -> None:
    results = await asyncio.gather(*(attempt(BAD, f"con_{number}") for number in range(20)))
    assert results.count(Verification.WRONG) <= 5
    assert await attempt(RIGHT, "con_x") is Verification.LOCKED


async def test_a_person_who_does_not_exist_is_answered_like_one_who_does(attempt: Try) -> None:
    nobody = PersonId("per_nobody")
    answers = [await attempt(BAD, "con_1", nobody) for _ in range(4)]
    assert answers == [await attempt(BAD, "con_2") for _ in range(4)]
    assert answers == [Verification.WRONG] * 3 + [Verification.LOCKED]


async def test_one_number_cannot_try_many_persons(attempt: Try, clock: HandClock) -> None:
    caller = "+46701740605"
    for number in range(8):
        assert await attempt(BAD, f"con_{number}", PersonId(f"per_{number}"), caller) is Verification.WRONG
    assert await attempt(RIGHT, "con_x", caller="070-174 06 05") is Verification.LOCKED
    assert await attempt(RIGHT, "con_y", caller="+46701740606") is Verification.VERIFIED
    clock.pass_time(minutes=61)
    assert await attempt(RIGHT, "con_z", caller=caller) is Verification.VERIFIED


async def test_a_relay_service_from_which_many_ring_is_not_held_back(
    database: Database, clock: HandClock, person: PersonId
) -> None:
    limits = Limits(per_caller_and_hour=1, shared_numbers=frozenset({"+4620600650"}))
    identity = Identity(database=database, clock=clock, pepper=PEPPER, limits=limits, hasher=QUICK)
    for number in range(4):
        await identity.verify(
            person=PersonId(f"per_{number}"), code=BAD, contact=ContactId(f"con_{number}"), caller="020-600 650"
        )
    verified = await identity.verify(person=person, code=RIGHT, contact=ContactId("con_x"), caller="020-600 650")
    assert verified is Verification.VERIFIED


async def test_when_too_many_are_checked_at_once_a_try_is_refused_and_not_counted(
    attempt: Try, identity: Identity, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(codes, "WAIT_SECONDS", 0.05)
    for _ in range(codes.AT_ONCE):
        await identity._codes.take_turn()
    with pytest.raises(IdentityBusyError):
        await attempt(RIGHT)
    async with database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(store.identity_tries))).scalar_one() == 0
    identity._codes.give_back()
    assert await attempt(RIGHT) is Verification.VERIFIED


async def test_neither_number_nor_code_nor_caller_is_kept_or_logged(
    attempt: Try, database: Database, person: PersonId
) -> None:
    said = io.StringIO()
    as_it_was = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(said), cache_logger_on_first_use=False)
    try:
        await attempt(BAD, caller="+46701740605")
    finally:
        structlog.configure(**as_it_was)
    async with database.reading() as tx:
        rows = [*await tx.execute(select(store.identity_tries)), *await tx.execute(select(store.identity_codes))]
    kept = said.getvalue() + repr(rows)
    assert "code_refused" in kept
    for secret in ("9006022397", "6022397", RIGHT, BAD, "701740605"):
        assert secret not in kept


async def test_tries_are_forgotten_after_their_time_but_never_those_that_still_count(
    attempt: Try, identity: Identity, clock: HandClock
) -> None:
    for number in range(5):
        await attempt(BAD, f"con_{number}")
    assert await identity.forget_tries(older_than=timedelta(0)) == 0
    assert await attempt(RIGHT, "con_x") is Verification.LOCKED
    clock.pass_time(days=3)
    assert await identity.forget_tries(older_than=timedelta(0)) == 6


def test_the_id_of_a_person_hides_the_number_and_needs_the_pepper(database: Database, clock: HandClock) -> None:
    number = parse("199006022397", on=clock.now().date())
    one = Identity(database=database, clock=clock, pepper=PEPPER, hasher=QUICK).person_id(number)
    other = Identity(database=database, clock=clock, pepper=b"another pepper, as long", hasher=QUICK).person_id(number)
    assert one.startswith("per_") and one != other and "9006" not in one
    with pytest.raises(ValueError, match="pepper"):
        Identity(database=database, clock=clock, pepper=b"short", hasher=QUICK)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_existing_unknown_and_locked_persons_take_the_same_time(database: Database, clock: HandClock) -> None:
    limits = Limits(per_contact=1000, per_person_and_day=1000)
    identity = Identity(database=database, clock=clock, pepper=PEPPER, limits=limits)
    person = identity.person_id(parse("199006022397", on=clock.now().date()))
    await identity.set_code(person=person, code=RIGHT)

    async def seconds(who: PersonId) -> float:
        began = time.perf_counter()
        await identity.verify(person=who, code=BAD, contact=ContactId("con_1"))
        return time.perf_counter() - began

    known, unknown = [], []
    for _ in range(9):
        known.append(await seconds(person))
        unknown.append(await seconds(PersonId("per_nobody")))
    ratio = statistics.median(known) / statistics.median(unknown)
    assert 0.6 < ratio < 1.6, ratio
    assert min(unknown) > 0.02  # the work is done for nobody, too
