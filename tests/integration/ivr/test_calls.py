"""Calls through the real rooms on the simulated exchange: what is heard, and what the ledger says afterwards."""

from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from contacts.model import Outcome, State
from core.ids import LegId
from ivr.events import AnswerGiven, CallerIdentified, HumanRequested
from storage.database import Database, DatabaseUnavailableError
from telephony.model import LegRole, Ring
from telephony.simulator.phone import SoundKind
from tests.integration.ivr.world import PATIENCE, PERSONS, World

MAJA, NILS, VERA = PERSONS[:3]


async def identify(world: World, phone, person=MAJA, code: str = "") -> None:
    await world.press(phone, person.personnummer, (code or person.code))


async def test_a_citizen_hears_when_the_money_comes_and_the_ledger_says_self_served(world: World) -> None:
    phone = await world.call()
    contact = await world.the_contact()
    await world.press(phone, "1")
    await identify(world, phone)
    assert "Din nästa utbetalning av barnbidrag kommer" in phone.heard[-1]
    assert "ettusen tvåhundrafemtio kronor" in phone.heard[-1]
    await world.pass_time(1)
    await world.press(phone, "2")
    assert phone.ended is not None
    row = await world.get(contact)
    assert row.outcome is Outcome.SELF_SERVED
    assert row.answers == ("payment",)
    assert row.level == 2
    assert len(world.told(CallerIdentified)) == 1
    assert len(world.told(AnswerGiven)) == 1


async def test_when_the_day_is_not_known_the_caller_hears_all_that_we_know_and_it_counts_by_its_own_name(
    database: Database, redis: Redis
) -> None:
    world = World(database, redis, start=datetime(2040, 11, 20, 9, 0, tzinfo=UTC))  # no table reaches so far
    await world.start()
    await world.codes()
    try:
        for last, outcome in (("3", Outcome.SELF_SERVED), ("", Outcome.SELF_SERVED), ("1", None)):
            phone = await world.call()
            contact = await world.the_contact()
            await world.press(phone, "1")
            await identify(world, phone)
            assert (await world.get(contact)).answers == (), "it counts when it was heard to its end"
            await world.pass_time(1)
            told = " ".join(phone.heard)
            assert "En utbetalning av barnbidrag är planerad. Vi vet ännu inte vilken dag den kommer." in told
            assert "ingen planerad utbetalning" not in told and "Vill du tala med oss? Tryck ett." in told
            if last:
                await world.press(phone, last)
            else:
                phone.hang_up()
                await world.settle()
            row = await world.get(contact)
            assert (row.outcome, row.answers) == (outcome, ("payment_without_day",))
        assert row.state is State.WAITING
        assert {fact.kind for fact in world.told(AnswerGiven)} == {"payment_without_day"}
    finally:
        await world.stop()


async def test_what_callers_hear_of_a_benefit_is_true_of_it(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "3", "1", "1")
    told = " ".join(phone.heard)
    assert "Du behöver oftast inte söka barnbidrag. Pengarna kommer av sig själva." in told
    assert "De närmaste utbetalningarna av barnbidrag är så här. fredag den artonde december." in told
    await world.press(phone, "9")
    assert " ".join(phone.heard).count("Pengarna kommer av sig själva.") == 2
    contact = await world.the_contact()
    await world.pass_time(1)
    assert (await world.get(contact)).answers == ("information:barnbidrag",)


async def test_an_amount_that_is_not_allowed_is_not_said(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "1")
    await identify(world, phone, NILS)
    assert "utbetalning" in phone.heard[-1]
    assert "kronor" not in phone.heard[-1]


async def test_every_coming_payment_and_what_is_missing_is_told(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "1")
    await identify(world, phone, VERA)
    assert len([text for text in phone.heard if "nästa utbetalning" in text]) == 3
    await world.pass_time(1)
    await world.press(phone, "1", "2")
    assert "hyresavi" in phone.heard[-1]


async def test_three_wrong_codes_lead_to_a_human_without_being_identified(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "1")
    for _ in range(3):
        await identify(world, phone, code="135792")
    row = await world.the_contact()
    assert row.state is State.WAITING
    assert row.level == 0
    assert phone.hears is SoundKind.MUSIC
    assert len(world.told(HumanRequested)) == 1


async def test_nobody_can_hear_from_the_prompts_whether_a_person_exists(world: World) -> None:
    heard = []
    for number in (MAJA.personnummer, "194408139089"):
        phone = await world.call(caller="")
        await world.press(phone, "1", number, "135792", number, "135792")
        heard.append(phone.heard)
        phone.hang_up()
        await world.settle()
    assert heard[0] == heard[1]


async def test_without_being_identified_one_reaches_the_line_of_ones_choice(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "4", "2")
    (wish,) = world.told(HumanRequested)
    row = await world.the_contact()
    assert (wish.queue, wish.language, wish.waiting_since) == ("sjuk", "sv", row.opened_at)
    assert wish.path == ("main/menu:choice_talk", "talk/which:choice_sick")
    assert row.path == wish.path
    await world.call_flow.on_line_entered(row.contact, wish.leg, 3)
    await world.settle()
    assert phone.heard[-1] == "Du har plats nummer tre i kön."


async def test_a_waiting_caller_hears_a_friendly_word_now_and_then(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "0")
    for _ in range(3):
        await world.pass_time(PATIENCE.between_updates + 1)
    assert len([text for text in phone.heard if text.startswith("Tack för att du väntar")]) == 3
    await world.call_flow.on_agent_connected((await world.the_contact()).contact)
    await world.settle()
    await world.pass_time(PATIENCE.between_updates * 3)
    assert len([text for text in phone.heard if text.startswith("Tack för att du väntar")]) == 3


async def test_hanging_up_in_the_line_or_before_it_is_abandoned(world: World) -> None:
    for keys in ((), ("0",)):
        phone = await world.call()
        contact = await world.the_contact()
        await world.press(phone, *keys)
        phone.hang_up()
        await world.settle()
        assert (await world.get(contact)).outcome is Outcome.ABANDONED
        assert await world.redis.keys("kc:*") == []


async def test_no_secret_is_kept_while_a_call_is_under_way(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "1")
    await identify(world, phone)
    kept = [str(await world.redis.get(key)) + key for key in await world.redis.keys("*")]
    assert kept
    for secret in (MAJA.personnummer, MAJA.personnummer[2:], MAJA.code, "701740611"):
        assert not any(secret in text for text in kept)


async def test_a_new_controller_goes_on_where_the_old_one_was_killed(world: World) -> None:
    asked = await world.call()
    waits = await world.call(caller="+46701740612")
    await world.press(asked, "1")
    await world.press(waits, "0")
    await world.stop()
    asked.sounds.clear()
    await world.start()
    assert asked.heard == [ASK_PERSONNUMMER]
    assert waits.hears is SoundKind.MUSIC
    await identify(world, asked)
    assert "barnbidrag" in asked.heard[-1]
    await world.pass_time(PATIENCE.between_updates + 1)
    assert any(text.startswith("Tack för att du väntar") for text in waits.heard)
    assert len(world.told(HumanRequested)) == 1


ASK_PERSONNUMMER = (
    "Tryck in ditt personnummer eller samordningsnummer, tio eller tolv siffror. Avsluta med fyrkant. "
    "Vill du hellre tala med oss? Tryck noll och fyrkant."
)


async def test_calls_that_ended_unseen_are_closed_with_the_fault_named(world: World) -> None:
    phone = await world.call()
    contact = await world.the_contact()
    other = await world.call(caller="+46701740612")
    await world.stop()
    phone.hang_up()
    await world.pass_time(5)
    await world.start()
    row = await world.get(contact)
    assert (row.outcome, row.fault) == (Outcome.LOST_TECHNICAL, "hangup_unseen")
    assert other.in_call


async def test_a_call_whose_position_was_flushed_goes_on_from_the_ledger(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "8", "0")
    await world.stop()
    await world.redis.flushall()
    await world.start()
    assert phone.hears is SoundKind.MUSIC
    await world.pass_time(PATIENCE.between_updates + 1)
    assert any(text.startswith("Thank you for waiting") for text in phone.heard)


async def test_a_call_that_rang_while_nobody_was_there_is_answered_by_whoever_comes(world: World) -> None:
    await world.stop()
    phone = world.exchange.call("0771524524", caller="+46701740611")
    await world.start()
    assert phone.answered
    assert phone.heard[0] == "Välkommen till Försäkringskassan."


async def test_a_citizen_whom_we_ring_back_is_never_welcomed_as_a_caller(world: World) -> None:
    phone = world.exchange.phone("+46701740612")
    leg = LegId("leg_to_citizen")
    await world.exchange.perform(Ring(leg=leg, role=LegRole.CITIZEN, target="+46701740612"))
    phone.answer()
    await world.stop()
    await world.start()
    assert phone.heard == []
    async with world.database.reading() as tx:
        assert await world.contacts.open_ones(tx) == []


async def test_with_redis_gone_a_caller_gets_an_answer_all_the_same(world: World, monkeypatch) -> None:
    async def gone(*_args: object, **_options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(world.redis.connection_pool, "get_connection", gone)
    phone = await world.call()
    await world.press(phone, "1")
    await identify(world, phone)
    assert "barnbidrag" in phone.heard[-1]
    await world.press(phone, "0")
    assert len(world.told(HumanRequested)) == 1


async def test_with_the_database_gone_a_caller_is_kept_and_helped_when_it_is_back(world: World, monkeypatch) -> None:
    broken = True
    whole = world.database.transaction

    def failing(**options):
        if broken:
            raise DatabaseUnavailableError
        return whole(**options)

    monkeypatch.setattr(world.database, "transaction", failing)
    phone = await world.call()
    impatient = await world.call(caller="+46701740612")
    assert "Förlåt, vi har ett tekniskt fel just nu." in phone.heard[0]
    assert phone.hears is SoundKind.MUSIC
    impatient.hang_up()
    await world.settle()
    broken = False
    await world.pass_time(PATIENCE.retry + 0.1)
    assert "Välkommen till Försäkringskassan." in phone.heard
    async with world.database.reading() as tx:
        tally = await world.contacts.tally(tx, datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC))
    assert tally.offered == 2


async def test_with_the_database_gone_on_the_way_to_the_line_the_caller_gets_in_later(
    world: World, monkeypatch
) -> None:
    phone = await world.call()
    broken = True
    whole = world.database.transaction

    def failing(**options):
        if broken:
            raise DatabaseUnavailableError
        return whole(**options)

    monkeypatch.setattr(world.database, "transaction", failing)
    await world.press(phone, "0")
    assert phone.in_call
    assert world.told(HumanRequested) == []
    broken = False
    await world.pass_time(PATIENCE.retry + 0.1)
    assert len(world.told(HumanRequested)) == 1


async def test_a_fault_of_ours_apologises_and_brings_a_human(world: World, monkeypatch) -> None:
    phone = await world.call()

    async def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("the secret 199107172380 must not be logged")

    monkeypatch.setattr(world.identity, "verify", broken)
    await world.press(phone, "1")
    await identify(world, phone)
    assert "Förlåt, något gick fel hos oss." in phone.heard
    assert len(world.told(HumanRequested)) == 1


async def test_even_when_the_way_to_a_human_fails_the_caller_is_kept_and_gets_there(world: World, monkeypatch) -> None:
    phone = await world.call()
    whole, failures = world.contacts.waiting, iter(range(3))

    async def failing(*arguments: object, **options: object) -> bool:
        if next(failures, None) is not None:
            raise RuntimeError("broken")
        return await whole(*arguments, **options)

    monkeypatch.setattr(world.contacts, "waiting", failing)
    await world.press(phone, "4", "2")
    assert phone.in_call
    assert phone.hears is SoundKind.MUSIC
    for _ in range(3):
        await world.pass_time(PATIENCE.retry + 0.1)
    (wish,) = world.told(HumanRequested)
    assert wish.queue == "sjuk"


async def test_between_a_key_and_the_next_prompt_nothing_is_committed(world: World, monkeypatch) -> None:
    phone = await world.call()
    opened = []
    for name in ("transaction", "reading"):
        whole = getattr(world.database, name)
        monkeypatch.setattr(world.database, name, lambda whole=whole: opened.append(1) or whole())
    await world.press(phone, "4", "*", "3", "1", "*", "*", "8", "1", "9#", "*")
    assert len(phone.heard) > 40
    assert opened == []


HOSTILE = [
    "<script>alert(1)</script>",
    "${SHELL(rm -rf /)}",
    "a\r\nAction: Originate",
    "\u202egnirts",
    "A" * 5000,
    "\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_from_outside_is_cut_and_never_said(world: World, text: str) -> None:
    phone = await world.call(name=text, caller=text, called=text)
    row = await world.the_contact()
    assert len(row.display_name) <= 80
    assert len(row.called) <= 40
    assert not any(ord(character) < 32 or character == "\u202e" for character in row.display_name + row.caller)
    assert phone.heard[0] == "Välkommen till Försäkringskassan."
    assert not any(text in said for said in phone.heard)


async def test_many_callers_at_once_are_each_heard_in_order(world: World) -> None:
    phones = [world.exchange.call("0771524524", caller=f"+467017406{number:02}") for number in range(11, 41)]
    await world.settle()
    for key in "842":
        for phone in phones:
            phone.press(key)
        await world.settle()
    assert len({wish.contact for wish in world.told(HumanRequested) if wish.queue == "sjuk"}) == len(phones)
    assert all("We are connecting you" in phone.heard[-2] for phone in phones)
