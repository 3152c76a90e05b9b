"""What citizens can do by text: asking of their own matters, being asked whose the number is, and choosing by number."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.wiring import Rooms
from cases.errors import CasesUnavailableError
from contacts.model import Channel, Outcome
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import ANSWERS, Kind
from sms.answering import _DO
from sms.keywords import Keyword
from storage.audit import audit, first_break
from tests.builders.texting import CITIZEN, Writer, asks_in_a_call, handset, texting_rooms
from tests.fakes.clock import HandClock
from tests.unit.sms.test_keywords import HOSTILE

OTHER = PhoneNumber("+46701740606")
EVERYTHING = frozenset(Kind)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        yield rooms


@pytest.fixture
def citizen(rooms: Rooms, clock: HandClock) -> Writer:
    return Writer(rooms, clock)


async def bound(rooms: Rooms, citizen: Writer, subject: str = "demo-01", **more: Any) -> None:
    """Let a person ask in a call, and the telephone say yes."""
    await asks_in_a_call(rooms, citizen.number, subject=subject, **more)
    assert "Svara 1" in (await handset(rooms, citizen.number))[0] or more.get("language") is Language.ENGLISH
    assert await citizen.writes("1") != ""


def test_whatever_is_understood_something_is_done() -> None:
    assert set(_DO) == set(Keyword)


async def test_from_the_call_to_the_answer(rooms: Rooms, citizen: Writer) -> None:
    assert "veta att det är du" in await citizen.writes("När kommer pengarna?")
    await asks_in_a_call(rooms, CITIZEN)
    (question, *_) = await handset(rooms)
    assert "Någon har bett oss att svara" in question
    assert "veta att det är du" in await citizen.writes("UTBETALNING"), "nothing before the telephone has said yes"


async def test_a_number_that_said_yes_hears_when_the_money_comes(rooms: Rooms, citizen: Writer) -> None:
    await asks_in_a_call(rooms, CITIZEN)
    assert "Klart!" in await citizen.writes("Ja!")
    told = await citizen.writes("hej, när kommer utbetlaningen?")
    assert told == "Nästa utbetalning av barnbidrag kommer fredag 20 november. Hälsningar Försäkringskassan"
    assert await citizen.writes("STATUS") == "Vi ser inget öppet ärende hos oss just nu. Hälsningar Försäkringskassan"


async def test_the_amount_is_told_only_if_that_is_allowed_too(rooms: Rooms, citizen: Writer) -> None:
    await bound(rooms, citizen, kinds=ANSWERS | {Kind.AMOUNT})
    assert "Du får 1 250 kr." in await citizen.writes("pengar")


async def test_no_text_names_what_tells_of_health_nor_the_paper_that_is_missing(rooms: Rooms, citizen: Writer) -> None:
    await bound(rooms, citizen, "demo-05", kinds=EVERYTHING)
    told = await citizen.writes("UTBETALNING") + await citizen.writes("STATUS")
    assert "din ersättning" in told
    assert not [word for word in ("sjuk", "intyg", "11 204") if word in told.lower()], told


async def test_who_speaks_english_is_answered_in_it(rooms: Rooms, citizen: Writer) -> None:
    await bound(rooms, citizen, "demo-09")
    assert "Your next payment of your benefit comes on Wednesday" in await citizen.writes("UTBETALNING?")
    assert "Reply 1 to know" in await citizen.writes("help")


async def test_what_was_not_allowed_is_not_told(rooms: Rooms, citizen: Writer) -> None:
    await bound(rooms, citizen, kinds=frozenset({Kind.STATUS}))
    assert "inte valt att få svar" in await citizen.writes("UTBETALNING")


async def test_two_persons_on_one_telephone_are_told_nothing_of_either(rooms: Rooms, citizen: Writer) -> None:
    await bound(rooms, citizen)
    await asks_in_a_call(rooms, CITIZEN, subject="demo-02")
    assert "Flera personer" in await citizen.writes("1")
    for asked in ("STATUS", "UTBETALNING", "MEDDELA"):
        told = await citizen.writes(asked)
        assert "Flera personer" in told
        assert "0771-524 524" in told


async def test_somebody_with_protected_identity_is_answered_like_a_stranger(rooms: Rooms, citizen: Writer) -> None:
    stranger = await citizen.writes("STATUS")
    await asks_in_a_call(rooms, CITIZEN, subject="demo-08")
    await citizen.writes("1")
    assert await citizen.writes("STATUS") == stranger
    assert await citizen.writes("MEDDELA") == stranger


async def test_a_number_is_theirs_only_for_a_time(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    stranger = await citizen.writes("STATUS")
    await bound(rooms, citizen)
    clock.pass_time(days=179)
    assert "inget öppet ärende" in await citizen.writes("STATUS")
    clock.pass_time(days=2)
    assert await citizen.writes("STATUS") == stranger, (
        "whoever has the number now does not learn that it was somebody's"
    )


@pytest.mark.parametrize("word", ["GLÖM", "STOPP", "2"])
async def test_the_telephone_itself_can_let_go_of_it(rooms: Rooms, citizen: Writer, word: str) -> None:
    stranger = await citizen.writes("STATUS")
    if word == "2":
        await asks_in_a_call(rooms, CITIZEN)
        assert "svarar vi inte på det här numret" in await citizen.writes(word)
    else:
        await bound(rooms, citizen)
        await citizen.writes(word)
        await citizen.writes("START")
    assert await citizen.writes("STATUS") == stranger


async def test_a_yes_that_comes_too_late_binds_nothing(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    await asks_in_a_call(rooms, CITIZEN)
    clock.pass_time(minutes=61)
    assert "inte öppen längre" in await citizen.writes("1")
    assert "veta att det är du" in await citizen.writes("STATUS")


async def test_a_new_word_begins_afresh_and_an_old_question_lapses(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    assert "Ska vi ringa upp dig? Svara 1" in await citizen.writes("Jag vill avboka min tid")
    assert "Svara 1 om du vill veta" in await citizen.writes("hjälp")
    assert "veta att det är du" in await citizen.writes("1"), "it answers the newer question"
    assert "inte öppen längre" in await citizen.writes("1"), "an answer is given once"
    clock.pass_time(minutes=61)
    assert "inte öppen längre" in await citizen.writes("3")
    assert "ringer upp dig" in await citizen.writes("3")


async def test_a_meeting_is_booked_by_telephone_and_no_is_an_answer(rooms: Rooms, citizen: Writer) -> None:
    await citizen.writes("BOKA")
    assert "inget mer nu" in await citizen.writes("nej tack")
    await citizen.writes("flytta")
    assert "Vi ringer upp dig" in await citizen.writes("ja")


async def test_when_the_case_systems_do_not_answer_a_person_is_offered(
    rooms: Rooms, citizen: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bound(rooms, citizen)

    async def away(*_: object) -> None:
        raise CasesUnavailableError

    for method in ("person", "payments", "matters"):
        monkeypatch.setattr(rooms.cases._register, method, away)
    assert "kan tyvärr inte se det" in await citizen.writes("STATUS")


async def test_a_payment_without_a_day_is_told_as_that_and_nobody_counts_as_served(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    clock.at = clock.at.replace(year=2040)  # no table reaches so far
    await bound(rooms, citizen)
    told = await citizen.writes("UTBETALNING")
    assert "En utbetalning av barnbidrag är planerad. Vi vet inte vilken dag än." in told
    assert "Svara RING" in told
    async with rooms.database.reading() as tx:
        (served,) = [one for one in await _contacts(rooms, tx) if one.channel is Channel.SMS]
    assert (served.outcome, served.answers, served.subject) == (Outcome.ABANDONED, (), "demo-01")


async def test_an_answer_that_waited_is_not_sent_to_a_number_that_was_let_go_of(rooms: Rooms, citizen: Writer) -> None:
    await bound(rooms, citizen)
    await rooms.sms.receive(provider="simulator", provider_id="s", number=CITIZEN.e164, text="UTBETALNING")
    await rooms.dispatcher.settled()
    await rooms.bindings.unbind_number(CITIZEN, by="text")
    assert "utbetalning av" not in "".join(await handset(rooms)).lower()


async def test_the_ledger_has_a_contact_for_each_answer_and_the_trail_a_row_for_each_change(
    rooms: Rooms, citizen: Writer
) -> None:
    facts: list[Any] = []
    rooms.database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    await bound(rooms, citizen)
    await citizen.writes("UTBETALNING")
    await citizen.writes("MEDDELA")
    await citizen.writes("2")
    await citizen.writes("GLÖM")
    for fact in facts:
        await rooms.dispatcher.tell(fact)
    await rooms.dispatcher.settled()
    async with rooms.database.reading() as tx:
        noted = [(row.what, row.reader) for row in await tx.execute(select(audit).order_by(audit.c.number))]
        served = [one for one in await _contacts(rooms, tx) if one.channel is Channel.SMS]
        assert await first_break(tx) is None
    assert noted == [
        ("number_asked", "call"), ("number_bound", "telephone"), ("writing:on_decision,payment,status", "text"),
        ("number_unbound", "text"),
    ]  # fmt: skip
    assert [(one.outcome, one.answers, one.subject) for one in served] == [
        (Outcome.SELF_SERVED, ("payment",), "demo-01")
    ]
    assert CITIZEN.e164[3:] not in repr(facts), "no fact holds a number"


async def _contacts(rooms: Rooms, tx: Any) -> list[Any]:
    from contacts import store

    rows = await tx.execute(select(store.contacts).order_by(store.contacts.c.opened_at))
    return [store.read(row) for row in rows]


BODIES = [
    *HOSTILE,
    *("x" * length for length in (67, 70, 71, 153, 160, 161, 1_000, 100_000)),
    *("å" * length for length in (70, 160)),
    "1\x002", "\r\n1\r\n", "{number}", "{lines}", "%(number)s", "${jndi:ldap://x}", "$(reboot)", "=1+1", "199006022397",
    "0701740605", "🙏🏽" * 40, "1️⃣", "۱", "１", "-1", "0", "99999999999999999999", "true", "null", "[]", '{"a":1}',
    "STOPP" * 100, "RING " * 2_000, "ja nej 1 2 3", "\N{RIGHT-TO-LEFT OVERRIDE}POTS", "s\u0336t\u0336o\u0336p\u0336p",
]  # fmt: skip
"""RELIABILITY: whatever comes, there is an answer, and the next good text works."""


async def test_every_body_gets_one_answer_and_the_next_good_one_works(rooms: Rooms, clock: HandClock) -> None:
    for number, body in enumerate(BODIES):
        writer = Writer(rooms, clock, PhoneNumber(f"+4670174{605 + number % 95:04d}"))
        clock.pass_time(hours=30)
        told = await writer.writes(body)
        assert "Hälsningar Försäkringskassan" in told or "Regards" in told, (number, told)
        assert "199006022397" not in told
    assert "Svara 1" in await Writer(rooms, clock, OTHER).writes("INFO")
