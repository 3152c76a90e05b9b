"""What only a real Asterisk can do to us: lost connections, hostile targets, sounds that cannot be made."""

import asyncio
import time

import aiohttp
import pytest

from telephony.asterisk import ari
from telephony.asterisk.placing import Endpoints
from telephony.errors import LegGoneError, SwitchUnavailableError
from telephony.model import (
    Answer,
    Bridge,
    CallArrived,
    EndCause,
    HangUp,
    Hold,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRole,
    LegsBridged,
    Ring,
    Said,
    Say,
    SwitchConnected,
    SwitchLost,
)
from tests.asterisk import start_asterisk
from tests.contract.worlds import MUSIC, NUMBER, WORDS, AsteriskWorld, new_leg, words
from tests.fakes.tcp_proxy import TcpProxy


@pytest.fixture
async def world(contract_asterisk):
    world = AsteriskWorld(*contract_asterisk)
    await world.open()
    await world.connect()
    yield world
    await world.close()


@pytest.fixture
async def cable(contract_asterisk):
    """A world whose controller reaches Asterisk through a cable that can be cut."""
    switch, folder, agents = contract_asterisk
    world = AsteriskWorld(switch, folder, agents)
    await world.open()
    async with TcpProxy(switch.settings.http_port) as proxy:
        world.base_url = f"http://127.0.0.1:{proxy.port}"
        await world.switch.close()
        world.switch = world.new_switch()
        await world.connect()
        yield world, proxy
        await world.close()


async def answered_caller(world):
    phone, leg = await world.arrives()
    await world.switch.perform(Answer(leg=leg))
    await phone.is_up()
    return phone, leg


# --- the connection ---------------------------------------------------------------------------------------------------


async def test_a_cut_connection_is_told_and_comes_back_with_the_callers_on_it(cable):
    world, proxy = cable
    phone, leg = await answered_caller(world)
    await world.switch.perform(Hold(leg=leg))
    await phone.hears(MUSIC)
    proxy.refuses = True
    proxy.cut()
    await world.controller.sees(SwitchLost)
    with pytest.raises(SwitchUnavailableError):
        await world.switch.perform(Hold(leg=leg))
    await phone.hears(MUSIC)
    proxy.refuses = False
    await world.until(lambda: len(world.controller.of(SwitchConnected)) == 2, within=4, what="back")
    assert world.controller.of(SwitchConnected)[1].legs == (leg,)
    assert len(world.controller.of(LegAdopted, leg=leg)) == 1
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="åter"))
    await world.controller.sees(Said, ref="åter")


async def test_requests_that_nobody_answers_end_in_time(cable, monkeypatch):
    world, proxy = cable
    monkeypatch.setattr(ari, "SECONDS", 0.3)
    await world.switch.close()  # so that the next request opens a connection with that time-out
    proxy.swallows = True
    began = time.monotonic()
    with pytest.raises(SwitchUnavailableError):
        await world.switch.ping()
    assert time.monotonic() - began < 0.9


async def test_orders_that_nobody_answers_end_in_time_and_those_under_way_end_with_the_connection(cable, monkeypatch):
    world, proxy = cable
    _, leg = await answered_caller(world)
    proxy.swallows = True
    lasting = asyncio.create_task(world.switch.perform(HangUp(leg=leg)))
    monkeypatch.setattr(ari, "SECONDS", 0.3)
    await asyncio.sleep(0)  # the first is under way with the longer time-out
    began = time.monotonic()
    with pytest.raises(SwitchUnavailableError):
        await world.switch.perform(Hold(leg=leg))
    assert time.monotonic() - began < 0.9
    proxy.cut()
    with pytest.raises(SwitchUnavailableError):
        await lasting
    assert time.monotonic() - began < 2.9


async def test_what_is_too_long_for_one_message_is_asked_all_the_same(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Say(leg=leg, utterances=words(0.05) * 400))
    await phone.hears(WORDS)
    await world.switch.perform(HangUp(leg=leg))


async def test_a_connection_on_which_nothing_comes_any_more_is_told_as_lost(contract_asterisk, monkeypatch):
    switch, folder, agents = contract_asterisk
    monkeypatch.setattr(ari, "HEARTBEAT_SECONDS", 0.2)
    world = AsteriskWorld(switch, folder, agents)
    await world.open()
    async with TcpProxy(switch.settings.http_port) as proxy:
        world.base_url = f"http://127.0.0.1:{proxy.port}"
        await world.switch.close()
        world.switch = world.new_switch()
        await world.connect()
        proxy.swallows = True
        await world.controller.sees(SwitchLost, within=2)
        await world.close()


async def test_after_a_power_cut_of_the_switch_no_leg_is_left(tmp_path):
    asterisk = await start_asterisk(tmp_path)
    world = AsteriskWorld(asterisk, tmp_path / "tones", {})
    await world.open()
    try:
        await world.connect()
        await answered_caller(world)
        await asterisk.restart()
        await world.until(lambda: len(world.controller.of(SwitchConnected)) == 2, within=10, what="back")
        assert world.controller.of(SwitchLost)
        assert world.controller.of(SwitchConnected)[1].legs == ()
    finally:
        await world.close()
        await asterisk.process.stop()


async def test_bridges_that_nobody_is_in_are_cleared_away(world):
    settings = world.asterisk.settings
    login = {"Authorization": aiohttp.encode_basic_auth(settings.ari_user, settings.ari_password)}
    async with aiohttp.ClientSession(headers=login) as session:
        address = f"{world.asterisk.ari_url}/ari/bridges"
        async with session.post(f"{address}/left-over?type=mixing") as answer:
            assert answer.status == 200
        await world.controller.die()
        await world.connect()
        async with session.get(address) as answer:
            assert "left-over" not in await answer.text()


async def test_a_call_that_came_by_no_way_of_ours_does_not_linger(world):
    at = ("127.0.0.1", world.asterisk.settings.sip_port)
    call = await world.phone.call("99", at=at)
    await call.over(within=2)
    assert world.controller.of(CallArrived) == []


async def test_nor_does_one_that_an_earlier_controller_has_left_behind(world):
    settings = world.asterisk.settings
    login = {"Authorization": aiohttp.encode_basic_auth(settings.ari_user, settings.ari_password)}
    await world.controller.die()
    async with aiohttp.ClientSession(headers=login) as session:
        async with session.ws_connect(f"{world.asterisk.ari_url}/ari/events?app=kundcenter") as careless:
            call = await world.phone.call("99", at=("127.0.0.1", settings.sip_port))
            while "StasisStart" not in (await careless.receive_str(timeout=2)):
                pass
        await world.connect()
    await call.over(within=2)


async def test_a_wrong_password_is_not_taken_for_a_connection(contract_asterisk):
    world = AsteriskWorld(*contract_asterisk)
    client = ari.Ari(base_url=world.asterisk.ari_url, user="kundcenter", password="wrong", app="kundcenter")
    with pytest.raises(SwitchUnavailableError):
        await client.request("GET", "channels")
    with pytest.raises(SwitchUnavailableError):
        async with client.listen():
            pass
    await client.close()
    await world.switch.close()


# --- what comes in over SIP ---


@pytest.mark.parametrize(
    ("caller", "display_name"),
    [
        ("0701740605%26Local", "x"),  # an encoded ampersand in the caller's number
        ("+4670;isub=1;phone-context=x", "x"),  # parameters in it
        ("ringer'--", "x"),  # no number at all
        ("0701740605", "\udcff\udcfe broken"),  # bytes that are no UTF-8
        ("0701740605", "x" * 900),  # longer than any name
        ("0701740605", "%00%0d%0aX: y"),  # encoded control characters
        ("", "sip:evil@192.0.2.1"),  # an address for a name, and no number
    ],
)
async def test_whatever_a_caller_claims_to_be_the_call_arrives_and_can_be_served(world, caller, display_name):
    phone, leg = await world.arrives(caller=caller, display_name=display_name)
    await world.switch.perform(Answer(leg=leg))
    await phone.is_up()
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="hej"))
    await world.controller.sees(Said, leg=leg, ref="hej")


# --- placing legs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "target"),
    [
        (LegRole.CITIZEN, "200%26Local/s@entry"),  # a second destination behind an encoded ampersand
        (LegRole.CITIZEN, "200&Local/s@entry"),  # the same in clear
        (LegRole.CITIZEN, "x/sip:evil@192.0.2.1"),  # an address in place of a number
        (LegRole.CITIZEN, "+46"),  # too short to be a number
        (LegRole.AGENT, "trunk/sip:evil@192.0.2.1"),  # out over the trunk
        (LegRole.AGENT, "agent-1&agent-2"),  # two at once
        (LegRole.AGENT, "agent-1\r\nX: y"),  # a line break
        (LegRole.AGENT, ""),  # nothing
    ],
)
async def test_a_hostile_target_is_never_rung(world, role, target):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=role, target=target))
    assert (await world.controller.sees(LegEnded, leg=leg)).cause is EndCause.UNREACHABLE
    assert all(not phone.calls for phone in world.agents.values())


async def test_hostile_notes_never_reach_a_phone(world):
    leg = new_leg()
    notes = {"Good": "con_1", "Bad": "x\r\nX-Evil: 1", "Worse,PJSIP_HEADER(add,X)": "1", "Huge": "x" * 300}
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1", notes=notes))
    phone = await world.rung()
    assert phone.notes == {"Good": "con_1"}
    assert phone.sip.header("X-Evil") == ""


async def test_a_citizen_is_rung_over_the_trunk_and_hears_us(world):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.CITIZEN, target="+46701740620", shown_number=NUMBER))
    phone = await world.rung("citizen")
    assert phone.sip.invite.first.split()[1].startswith("sip:+46701740620@")
    assert phone.shown_number == NUMBER
    phone.answer()
    await world.controller.sees(LegAnswered, leg=leg)
    await world.switch.perform(Say(leg=leg, utterances=words(0.4)))
    await phone.hears(WORDS)


async def test_a_telephone_of_our_own_is_rung_at_its_endpoint(world):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.CITIZEN, target="+46701740698"))
    await world.rung("agent-2")


def test_endpoints_come_from_settings():
    ring = Ring(leg=new_leg(), role=LegRole.CITIZEN, target="+46701740620")
    assert Endpoints(citizen="PJSIP/{target}@dispatcher").of(ring) == "PJSIP/+46701740620@dispatcher"


# --- sounds -----------------------------------------------------------------------------------------------------------


async def test_words_without_a_sound_are_left_out_and_the_rest_is_heard(world, monkeypatch):
    phone, leg = await answered_caller(world)
    real = world.voice.sound

    async def sound(utterance):
        if len(utterance.text) == 4:
            raise RuntimeError("no such voice")
        return await real(utterance)

    monkeypatch.setattr(world.voice, "sound", sound)
    await world.switch.perform(Say(leg=leg, utterances=(*words(0.2), *words(0.3)), ref="halvt"))
    await phone.hears(WORDS)
    await world.controller.sees(Said, leg=leg, ref="halvt")
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="inget"))
    await world.controller.sees(Said, leg=leg, ref="inget")


async def test_a_sound_that_is_not_on_the_disk_traps_nobody(world, monkeypatch):
    _, leg = await answered_caller(world)

    async def sound(_):
        return "sound:/nowhere/at-all"

    monkeypatch.setattr(world.voice, "sound", sound)
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="borta"))
    await world.controller.sees(Said, leg=leg, ref="borta")


async def test_words_that_are_replaced_while_their_sound_is_made_are_never_heard(world):
    phone, leg = await answered_caller(world)
    world.voice.delay = 0.3
    slow = asyncio.get_running_loop().create_task(world.switch.perform(Say(leg=leg, utterances=words(5), ref="sen")))
    await asyncio.sleep(0)
    await world.switch.perform(Hold(leg=leg))
    await slow
    await phone.hears(MUSIC)
    assert world.controller.of(Said) == []


async def test_a_caller_who_hangs_up_while_a_sound_is_made_is_gone(world):
    phone, leg = await answered_caller(world)
    world.voice.delay = 0.3
    slow = asyncio.get_running_loop().create_task(world.switch.perform(Say(leg=leg, utterances=words(1))))
    await asyncio.sleep(0)
    await phone.hang_up()
    with pytest.raises(LegGoneError):
        await slow


# --- races ------------------------------------------------------------------------------------------------------------


async def test_an_agent_who_hangs_up_while_being_connected_leaves_the_caller_in_our_hands(world):
    for _ in range(15):
        caller, citizen = await answered_caller(world)
        leg = new_leg()
        await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1"))
        desk = await world.rung()
        desk.answer()
        await world.controller.sees(LegAnswered, leg=leg)
        hanging_up = asyncio.get_running_loop().create_task(desk.hang_up())
        try:
            await world.switch.perform(Bridge(bridge=f"race-{citizen}", legs=(citizen, leg)))
            await world.controller.sees(LegsBridged, bridge=f"race-{citizen}")
        except LegGoneError:
            pass
        await hanging_up
        await world.controller.sees(LegEnded, leg=leg)
        await world.switch.perform(Hold(leg=citizen))
        await caller.hears(MUSIC)
        await caller.hang_up()
        await world.controller.sees(LegEnded, leg=citizen)
        assert len(world.controller.of(LegEnded, leg=citizen)) == len(world.controller.of(LegEnded, leg=leg)) == 1
