"""The watcher and its hardened AMI client, on a real Asterisk."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asterisk.ami import Action, Event, LoginAction, Response
from prometheus_client import CollectorRegistry

from telephony.asterisk.ami import SwitchWatcher, WatcherSignIn
from telephony.asterisk.ami_client import Answer, HardenedClient, UnsafeValueError
from telephony.asterisk.watch_metrics import WatchMetrics
from telephony.asterisk.watching import (
    NOT_OURS,
    CallQuality,
    Fact,
    SecurityEvent,
    SecurityKind,
    SoftphoneReachable,
    WatchState,
)
from tests.asterisk import TestSwitch, free_port, start_asterisk
from tests.fakes.clock import HandClock
from tests.fakes.sip_phone import SipPhone, until
from tests.fakes.sip_register import register
from tests.fakes.tcp_proxy import TcpProxy

SILENT_SECONDS = 1.2


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Watched:
    """A running watcher, and all that it told."""

    def __init__(self, switch: TestSwitch, port: int) -> None:
        self.facts: list[Fact] = []
        self.registry = CollectorRegistry()
        self.watcher = SwitchWatcher(
            WatcherSignIn(port=port, password=switch.settings.ami_password),
            clock=RealClock(),
            metrics=WatchMetrics(self.registry),
            on_fact=self.facts.append,
            ping_every_seconds=0.2,
            answer_within_seconds=0.5,
            silent_for_seconds=SILENT_SECONDS,
        )

    def told(self, wanted: Callable[[Fact], bool]) -> bool:
        return any(wanted(fact) for fact in self.facts)

    async def connected(self, *, within: float = 3) -> None:
        await until(lambda: self.state is WatchState.WATCHING, within=within, what="watcher connected")

    async def lost(self) -> None:
        await until(lambda: self.state is WatchState.LOST, within=4, what="watcher lost")

    @property
    def state(self) -> WatchState:
        return self.watcher.report().state


@contextlib.asynccontextmanager
async def watching(switch: TestSwitch, *, port: int | None = None) -> AsyncIterator[Watched]:
    watched = Watched(switch, port or switch.settings.ami_port)
    task = asyncio.create_task(watched.watcher.run())
    try:
        yield watched
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def signed_in(switch: TestSwitch, *, timeout_seconds: float = 3.0):
    client = HardenedClient("127.0.0.1", switch.settings.ami_port, timeout_seconds=timeout_seconds)
    client.connect()
    try:
        answer = client.send_action(LoginAction(switch.settings.ami_user, switch.settings.ami_password))
        assert not answer.result(3).is_error()
        yield client
    finally:
        client.disconnect()


def ask(client: HardenedClient, action: Action) -> Response:
    answer: Answer = client.send_action(action)
    return answer.result(3)


async def test_a_registration_with_a_wrong_secret_is_told_and_counted(real_asterisk: TestSwitch) -> None:
    async with watching(real_asterisk) as watched:
        await watched.connected()
        assert await register("asa", "not-the-secret", sip_port=real_asterisk.settings.sip_port) == 401
        expected = SecurityEvent(SecurityKind.WRONG_PASSWORD, "pjsip", "asa", "127.0.0.1")
        await until(lambda: watched.told(lambda fact: fact == expected), within=3, what="wrong password told")
        assert watched.registry.get_sample_value("kc_switch_refused_total", {"kind": "wrong_password"}) >= 1
        assert watched.watcher.report().security_events[SecurityKind.WRONG_PASSWORD] >= 1


async def test_what_a_stranger_types_as_a_name_is_not_passed_on(real_asterisk: TestSwitch) -> None:
    async with watching(real_asterisk) as watched:
        await watched.connected()
        client = HardenedClient("127.0.0.1", real_asterisk.settings.ami_port)
        client.connect()
        assert client.send_action(LoginAction("<script>alert(1)</script>", "x" * 12)).result(3).is_error()
        client.disconnect()
        await until(lambda: watched.told(lambda fact: isinstance(fact, SecurityEvent)), within=3, what="told")
        assert {fact.account for fact in watched.facts if isinstance(fact, SecurityEvent)} == {NOT_OURS}


async def test_a_softphone_that_registers_is_told_as_reachable(real_asterisk: TestSwitch) -> None:
    secret = next(agent.password for agent in real_asterisk.settings.agents if agent.name == "bo")
    async with watching(real_asterisk) as watched, await SipPhone.open() as phone:
        await watched.connected()
        status = await register("bo", secret, sip_port=real_asterisk.settings.sip_port, contact_port=phone.port)
        assert status == 200
        expected = SoftphoneReachable("bo", True)
        await until(lambda: watched.told(lambda fact: fact == expected), within=5, what="bo reachable")
        async with watching(real_asterisk) as later:  # one who comes later is told of what is there
            await until(lambda: "bo" in later.watcher.report().reachable, within=3, what="bo seen at sign-in")
            await until(lambda: later.watcher.report().knows_reachable, within=3, what="all are told of")
            assert "bo" in later.watcher.report().reachable
        port = real_asterisk.settings.sip_port
        assert await register("bo", secret, sip_port=port, contact_port=phone.port, expires=0) == 200
        await until(lambda: "bo" not in watched.watcher.report().reachable, within=5, what="bo gone")


async def test_the_sound_of_each_leg_is_told(real_asterisk: TestSwitch) -> None:
    async with watching(real_asterisk) as watched, await SipPhone.open() as phone:
        await watched.connected()
        call = await phone.call("0771524524", at=("127.0.0.1", real_asterisk.settings.sip_port), caller="0701740605")
        await call.answered()
        call.talk()
        await until(lambda: watched.told(lambda fact: isinstance(fact, CallQuality)), within=15, what="quality told")
        quality = next(fact for fact in watched.facts if isinstance(fact, CallQuality))
        assert quality.heard_by_us
        assert quality.loss_percent < 5
        report = watched.watcher.report()
        assert report.quality[quality.leg, True]
        assert report.worst is not None
        whose = {"side": "citizen", "heard_by": "switch"}
        for figure in ("loss_percent", "jitter_ms"):
            assert watched.registry.get_sample_value(f"kc_switch_sound_{figure}_count", whose)


@pytest.mark.parametrize("hostile", ["x\r\nAction: Logoff", "x\nAction: Logoff", "x\x00y", "x\u2028y", "x\x85y"])
async def test_a_value_with_a_control_character_never_reaches_the_switch(
    real_asterisk: TestSwitch, hostile: str
) -> None:
    with signed_in(real_asterisk) as client:
        for action in (
            Action("Ping", {"Note": hostile}),
            Action("Ping", {hostile: "x"}),
            Action("Ping", {}, {"NAME": hostile}),
            Action(hostile),
        ):
            with pytest.raises(UnsafeValueError):
                client.send_action(action)
        assert ask(client, Action("Ping")).status == "Success"
        assert not client._futures


@pytest.mark.parametrize(
    "action",
    [
        Action("Originate", {"Channel": "Local/0771524524@entry", "Application": "Hangup"}),
        Action("Command", {"Command": "core show version"}),
        Action("UpdateConfig", {"SrcFilename": "manager.conf", "DstFilename": "manager.conf"}),
        Action("Setvar", {"Variable": "X", "Value": "1"}),
        Action("Redirect", {"Channel": "x", "Exten": "s", "Context": "stranded", "Priority": "1"}),
        Action("Hangup", {"Channel": "x"}),
    ],
    ids=lambda action: action.name,
)
async def test_the_watcher_may_not_act(real_asterisk: TestSwitch, action: Action) -> None:
    with signed_in(real_asterisk) as client:
        answer = ask(client, action)
        assert answer.status == "Error"
        assert "permission" in answer.keys["Message"].lower() or "denied" in answer.keys["Message"].lower()


async def test_silence_and_a_failing_listener_do_not_end_the_reader(real_asterisk: TestSwitch) -> None:
    def fail(source: HardenedClient, event: Event) -> None:
        raise RuntimeError("a listener's fault")

    with signed_in(real_asterisk, timeout_seconds=0.05) as client:
        client.add_listener(on_event=fail)
        before = client._thread
        assert await register("asa", "not-the-secret", sip_port=real_asterisk.settings.sip_port) == 401
        await asyncio.sleep(0.3)  # six silent periods
        assert before.is_alive()
        assert ask(client, Action("Ping")).status == "Success"


async def test_a_connection_that_is_cut_comes_back(real_asterisk: TestSwitch) -> None:
    async with TcpProxy(real_asterisk.settings.ami_port) as proxy, watching(real_asterisk, port=proxy.port) as watched:
        await watched.connected()
        proxy.refuses = True
        proxy.cut()
        await watched.lost()
        assert not watched.watcher.report().knows_reachable
        assert watched.registry.get_sample_value("kc_switch_watched") == 0
        proxy.refuses = False
        await watched.connected(within=8)
        await register("asa", "not-the-secret", sip_port=real_asterisk.settings.sip_port)
        await until(lambda: watched.told(lambda fact: isinstance(fact, SecurityEvent)), within=3, what="told again")


async def test_a_connection_that_falls_silent_is_noticed_and_replaced(real_asterisk: TestSwitch) -> None:
    async with TcpProxy(real_asterisk.settings.ami_port) as proxy, watching(real_asterisk, port=proxy.port) as watched:
        await watched.connected()
        proxy.swallows = True
        await watched.lost()
        proxy.swallows = False
        proxy.cut()
        await watched.connected(within=8)


async def test_answers_that_are_late_are_no_lost_connection(real_asterisk: TestSwitch) -> None:
    async with TcpProxy(real_asterisk.settings.ami_port) as proxy, watching(real_asterisk, port=proxy.port) as watched:
        await watched.connected()
        for _ in range(3):  # together far longer than silence may be, each shorter, and longer than a request may take
            proxy.hold_back()
            await asyncio.sleep(0.7)
            assert watched.state is WatchState.WATCHING
            proxy.let_go()
            seen = len(watched.facts)
            await register("asa", "not-the-secret", sip_port=real_asterisk.settings.sip_port)
            await until(lambda seen=seen: len(watched.facts) > seen, within=3, what="it is told what happens")
        assert proxy.connections == 1


async def test_one_who_begins_to_watch_is_starting_and_later_on_has_lost_the_switch(tmp_path: Path) -> None:
    clock = HandClock()
    watcher = SwitchWatcher(
        WatcherSignIn(port=free_port(), password="x" * 20), clock=clock, metrics=WatchMetrics(CollectorRegistry())
    )
    task = asyncio.create_task(watcher.run())
    await asyncio.sleep(0)
    clock.pass_time(seconds=14)
    assert watcher.report().state is WatchState.STARTING
    clock.pass_time(seconds=2)
    assert watcher.report().state is WatchState.LOST
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_restart_is_told_even_though_nobody_said_goodbye(tmp_path: Path) -> None:
    switch = await start_asterisk(tmp_path)
    try:
        async with watching(switch) as watched:
            await until(lambda: watched.watcher.report().started_at is not None, within=3, what="start known")
            first = watched.watcher.report().started_at
            await until(
                lambda: (datetime.now(UTC) - first).total_seconds() > 6, within=8, what="a start that can be told apart"
            )
            await switch.restart()
            await until(lambda: watched.watcher.report().restarts == 1, within=10, what="restart counted")
    finally:
        await switch.process.stop()
