"""A real switch without anybody to steer it: callers are heard, their numbers kept, and nothing hostile comes alive."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from app.system import new_secret
from core.ids import AgentId
from dashboard.adapters.asterisk_phones import AsteriskSoftphones
from dashboard.ports import SipAccount
from dashboard.sessions import Sessions
from dashboard.softphone_leases import SoftphoneLeases
from storage.database import Database
from telephony.asterisk.settings import AgentLine
from telephony.asterisk.softphones import SoftphoneSecrets
from telephony.asterisk.spool import StrandedCall, import_stranded
from telephony.simulator.virtual_time import VirtualTime
from tests.asterisk import TestSwitch, start_asterisk
from tests.builders.unsteered import gets_a_call, saying_little, steering
from tests.fakes.sip_phone import SipCall, SipPhone, until
from tests.fakes.sip_register import register

HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    "${SHELL(touch /tmp/kc-owned)}",
    "$[1+1]",
    "${FILE(/etc/passwd)}",
    "x&Local/1@demo",
    "'; DROP TABLE contacts; --",
    "%0d%0aAction: Originate",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unsteered(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestSwitch]:
    agents = (AgentLine(name="asa", browser=False), AgentLine(name="bo", password="x" * 16, browser=False))
    agents += (AgentLine(name="agent-cilla", browser=False),)
    switch = await start_asterisk(tmp_path_factory.mktemp("unsteered"), agents=agents, again_seconds=1)
    yield switch
    await switch.process.stop()


@pytest.fixture(autouse=True)
def empty_spool(unsteered: TestSwitch) -> None:
    for path in unsteered.settings.spool.iterdir():
        path.unlink()


async def imported(switch: TestSwitch, *, calls: int = 1) -> list[StrandedCall]:
    seen: list[StrandedCall] = []

    async def keep(call: StrandedCall) -> None:
        seen.append(call)

    async with asyncio.timeout(3):
        while len(seen) < calls:
            await import_stranded(switch.settings.spool, keep, now=datetime.now(UTC))
            await asyncio.sleep(0.02)
    return seen


async def dial(phone: SipPhone, switch: TestSwitch, number: str = "0771524524", **who: str) -> SipCall:
    return await phone.call(number, at=("127.0.0.1", switch.settings.sip_port), **who)


async def test_a_caller_whom_nobody_serves_hears_a_voice_and_the_number_is_kept(unsteered: TestSwitch) -> None:
    before = datetime.now(UTC)
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="0701740605")
        await call.answered()
        await call.hears_sound()
        assert len(list(unsteered.settings.spool.iterdir())) == 1  # kept before anything is promised
        await call.hang_up()
    (stranded,) = await imported(unsteered)
    assert (stranded.number, stranded.called) == ("0701740605", "0771524524")
    assert abs((stranded.at - before).total_seconds()) < 5
    assert list(unsteered.settings.spool.iterdir()) == []


async def test_another_number_can_be_keyed_in_and_counts(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="0701740605")
        await call.hears_sound()
        call.press("0701740699#")
        (stranded,) = await imported_after_thanks(call, unsteered)
    assert stranded.number == "0701740699"


async def test_a_caller_with_a_withheld_number_is_asked_for_one(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="anonymous")
        await call.hears_sound()
        call.press("0701740698#")
        (stranded,) = await imported_after_thanks(call, unsteered)
    assert stranded.number == "0701740698"


@pytest.mark.parametrize("caller", ["+4917012345678", "0771524524"])  # abroad; our own
async def test_nobody_is_promised_a_call_to_a_number_that_we_do_not_ring(unsteered: TestSwitch, caller: str) -> None:
    """They are asked for another one: a number that is none is asked for again, and the one that is is kept."""
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller=caller)
        await call.hears_sound()
        call.press("0900123456#")
        await until(lambda: not call.sound.keys, within=5, what="keys sent")
        (path,) = unsteered.settings.spool.iterdir()
        assert path.read_text().count("number") == 1, "it is not kept, nor thanked for"
        call.press("0701740698#")
        (stranded,) = await imported_after_thanks(call, unsteered)
    assert stranded.number == "0701740698"


async def imported_after_thanks(call: SipCall, switch: TestSwitch) -> list[StrandedCall]:
    """Let what was keyed in be read back, say that it is right, and take in what was kept once that is thanked for."""
    await read_back(call, switch, numbers=2)
    with saying_little(switch):
        call.press("1")
        await call.over(within=3)
    return await imported(switch)


async def read_back(call: SipCall, switch: TestSwitch, *, numbers: int) -> None:
    """Wait until what was keyed in is kept, and is being read back."""
    await until(lambda: not call.sound.keys, within=5, what="keys sent")
    (path,) = switch.settings.spool.iterdir()
    await until(lambda: path.read_text().count("number") == numbers, within=3, what="keyed number kept")
    await call.hears_sound()


async def test_a_number_that_is_read_back_can_be_corrected(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="anonymous")
        await call.hears_sound()
        call.press("0701740698#")
        await read_back(call, unsteered, numbers=2)
        call.press("2")
        (path,) = unsteered.settings.spool.iterdir()
        await until(lambda: "wrong" in path.read_text(), within=3, what="the number is not theirs")
        call.press("0701740697#")
        await read_back(call, unsteered, numbers=3)
        await call.hang_up()  # without a word to it
    assert [one.number for one in await imported(unsteered)] == ["0701740697"]


async def keys_in_nothing(call: SipCall, switch: TestSwitch) -> Path:
    """Decline three times to name a number, and return the file of the call once its caller waits."""
    await call.hears_sound()
    call.press("###")
    (path,) = switch.settings.spool.iterdir()
    await until(lambda: "waits" in path.read_text().split(), within=5, what="the caller waits")
    return path


async def test_whoever_names_no_number_waits_and_is_served_when_somebody_steers_again(
    unsteered: TestSwitch,
) -> None:
    async with await SipPhone.open() as phone:
        with saying_little(unsteered):
            call = await dial(phone, unsteered, caller="anonymous")
            path = await keys_in_nothing(call, unsteered)
        async with steering(unsteered) as controller:
            assert await gets_a_call(controller) == ["inbound", "0771524524"]
            assert not call.ended.is_set()
        await call.hang_up()
        await until(lambda: "end" in path.read_text().split(), within=3, what="the file is finished")
    assert await import_stranded(unsteered.settings.spool, no_call, now=datetime.now(UTC)) == [], "it was served"
    assert not path.exists()


async def no_call(call: StrandedCall) -> None:
    raise AssertionError(call.name)


async def test_after_as_long_as_is_set_nobody_is_waited_for_any_more(tmp_path: Path) -> None:
    switch = await start_asterisk(tmp_path, again_seconds=1, stays_seconds=2)
    try:
        async with await SipPhone.open() as phone:
            with saying_little(switch):
                call = await dial(phone, switch, caller="anonymous")
                path = await keys_in_nothing(call, switch)
                await call.over(within=5)
        assert path.read_text().split().count("served") == 2, "it was tried as often as there was time"
        (stranded,) = await imported(switch)
        assert (stranded.number, stranded.was_served) == ("", False)
    finally:
        await switch.process.stop()


async def test_a_number_that_is_not_ours_is_told_and_not_silence(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        for number in ("0812345678", "112", "+46701740605", "7"):
            call = await dial(phone, unsteered, number, caller="0701740605")
            await until(lambda heard=call.sound: heard.loud_packets > 5, within=3, what="sound before an answer")
            assert not call.up.is_set()
            await call.hang_up()
    assert list(unsteered.settings.spool.iterdir()) == []


@pytest.mark.parametrize(
    "number", ["200%26Local%2F1%40demo", "s", "h", "stranded", "_X.", "0771524524%26x", "%24%7BEPOCH%7D"]
)
async def test_a_dialled_string_that_is_no_number_is_refused(unsteered: TestSwitch, number: str) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, number, caller="0701740605")
        await call.over()
        assert call.status in (400, 404, 416)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_a_hostile_display_name_stays_text(unsteered: TestSwitch, name: str) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="0701740605", display_name=name)
        await call.hears_sound()
        await call.hang_up()
    (stranded,) = await imported(unsteered)
    assert stranded.number == "0701740605"
    assert not Path("/tmp/kc-owned").exists()


@pytest.mark.parametrize(
    ("caller", "kept"),
    [
        ("%24%7BSHELL(id)%7D0701740605", "0701740605"),  # a function in the number: only its digits are left
        ("0701740605%0aend%0anumber%209", "07017406059"),  # a line of its own is not made
        ("%2C%29%5D%22", ""),  # what would end an expression
        ("9" * 60, ""),  # longer than a number can be
    ],
)
async def test_a_hostile_caller_number_leaves_digits_at_most(unsteered: TestSwitch, caller: str, kept: str) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller=caller)
        await call.hears_sound()
        await call.hang_up()
    (stranded,) = await imported(unsteered)
    assert stranded.number == kept


async def test_an_agents_phone_can_dial_nothing(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="bo")  # known by its name, so asked for its secret
        await call.over()
        assert call.status == 401


async def test_calls_at_once_are_all_kept(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        numbers = [f"07017406{n:02}" for n in range(10, 30)]
        calls = [await dial(phone, unsteered, caller=number) for number in numbers]
        await asyncio.gather(*(call.answered(within=5) for call in calls))
        await asyncio.gather(*(call.hang_up() for call in calls))
    assert sorted(call.number for call in await imported(unsteered, calls=20)) == numbers


async def test_a_controller_gets_the_call_and_once_it_is_gone_the_safety_net_does(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        async with steering(unsteered) as controller:
            steered = await dial(phone, unsteered, "+46771524524", caller="0701740605")
            assert await gets_a_call(controller) == ["inbound", "+46771524524"]
            assert list(unsteered.settings.spool.iterdir()) == []
        later = await dial(phone, unsteered, caller="0701740606")
        await later.hears_sound()
        assert not steered.ended.is_set()  # it waits for the next controller
    assert [call.number for call in await imported(unsteered)] == ["0701740606"]


async def test_whoever_can_be_promised_nothing_is_served_when_somebody_steers_again(unsteered: TestSwitch) -> None:
    spool = unsteered.settings.spool
    moved = spool.rename(spool.with_name("moved"))
    try:
        with saying_little(unsteered):
            async with await SipPhone.open() as phone:
                call = await dial(phone, unsteered, caller="0701740605")
                await call.hears_sound()
                async with steering(unsteered) as controller:
                    assert await gets_a_call(controller) == ["inbound", "0771524524"]
                    assert not call.ended.is_set()
                await call.hang_up()
    finally:
        moved.rename(spool)


async def test_a_secret_that_was_pushed_works_until_the_next_one(unsteered: TestSwitch) -> None:
    port = unsteered.settings.sip_port
    async with SoftphoneSecrets(
        unsteered.ari_url, unsteered.settings.ari_user, unsteered.settings.ari_password
    ) as secrets:
        assert await register("asa", "no-secret-yet", sip_port=port) >= 400
        await secrets.set_secret("asa", "first-secret-1")
        assert await register("asa", "first-secret-1", sip_port=port) == 200
        await secrets.set_secret("asa", "second-secret-2")
        assert await register("asa", "first-secret-1", sip_port=port) == 401
        assert await register("asa", "second-secret-2", sip_port=port) == 200
        await secrets.revoke("asa")
        assert await register("asa", "second-secret-2", sip_port=port) >= 400
        await secrets.revoke("asa")
        await secrets.add_agent("new-agent", "third-secret-3")
        assert await register("new-agent", "third-secret-3", sip_port=port) == 200


async def test_a_telephone_registers_no_more_when_its_desk_is_gone_or_its_agent_has_logged_out(
    unsteered: TestSwitch, database: Database, redis: Redis
) -> None:
    port, cilla, time = unsteered.settings.sip_port, AgentId("cilla"), VirtualTime()
    key = {"new_secret": new_secret, "signing_key": "k" * 32}
    sessions = Sessions(database=database, clock=time, **key)
    async with SoftphoneSecrets(
        unsteered.ari_url, unsteered.settings.ari_user, unsteered.settings.ari_password
    ) as secrets:
        phones = AsteriskSoftphones(switch=secrets, new_secret=new_secret, ws_url="ws://127.0.0.1", domain="127.0.0.1")
        leases = SoftphoneLeases(redis=redis, clock=time, softphones=phones, sessions=sessions)

        async def registers(account: SipAccount | None) -> bool:
            assert account is not None
            return await register("agent-cilla", account.password, sip_port=port) == 200

        account = await leases.issue(cilla, "this log-in")
        assert await registers(account)
        time.advance(61)
        await leases.take_back()
        assert not await registers(account)
        account = await leases.issue(cilla, "this log-in")
        assert await registers(account)
        await leases.log_out(cilla, "this log-in")
        assert not await registers(account)


async def test_nothing_listens_beyond_loopback_and_what_is_bound_wider_does_not_speak_sip(
    unsteered: TestSwitch,
) -> None:
    process = psutil.Process(unsteered.process.pid)
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="0701740605")
        await call.hears_sound()  # so that sound has its ports
        bound = [connection for connection in process.net_connections("inet") if not connection.raddr]
    assert {c.laddr.ip for c in bound if c.type == socket.SOCK_STREAM} == {"127.0.0.1"}
    assert {c.laddr.port for c in bound if c.type == socket.SOCK_STREAM} == {
        unsteered.settings.http_port,
        unsteered.settings.ami_port,
    }
    on_loopback = {c.laddr.port for c in bound if c.type == socket.SOCK_DGRAM and c.laddr.ip == "127.0.0.1"}
    assert unsteered.settings.sip_port in on_loopback
    assert any(unsteered.settings.rtp_ports[0] <= port <= unsteered.settings.rtp_ports[1] for port in on_loopback)
    # PJSIP's name resolver holds one socket for IPv4 and one for IPv6, to send its questions from.
    wider = [c for c in bound if c.type == socket.SOCK_DGRAM and c.laddr.ip != "127.0.0.1"]
    assert len(wider) <= 2
    for connection in wider:
        async with await SipPhone.open() as phone:
            call = await phone.call("0771524524", at=("127.0.0.1", connection.laddr.port), caller="0701740605")
            await asyncio.sleep(0.3)
            assert call.status == 0  # nobody answers
            call.ended.set()


async def test_files_with_secrets_and_numbers_are_ours_alone(unsteered: TestSwitch) -> None:
    folder = unsteered.configuration.folder
    assert folder.stat().st_mode & 0o077 == 0
    for path in (folder / "etc").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


async def test_the_log_names_no_number(unsteered: TestSwitch) -> None:
    async with await SipPhone.open() as phone:
        call = await dial(phone, unsteered, caller="0701740677")
        await call.hears_sound()
        await call.hang_up()
        broken = await dial(phone, unsteered, "${0771524524}", caller="0701740677")  # not SIP: dropped, not dumped
        broken.ended.set()
        unknown = await dial(phone, unsteered, "no-such", caller="0701740677")
        await unknown.over()
    await imported(unsteered)
    assert not re.search(r"070174\d{4}", unsteered.logged())
