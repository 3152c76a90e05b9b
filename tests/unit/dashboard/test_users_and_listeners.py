"""Passwords, and who is woken by the feed."""

import pytest
from argon2 import PasswordHasher

from core.ids import AgentId
from dashboard.api.headers import content_policy
from dashboard.errors import LoginRefusedError
from dashboard.feed import Listener
from dashboard.ports import SipAccount
from dashboard.users import LocalUsers, Role, User

HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("own password")
ASA = User(id=AgentId("asa"), name="Åsa", roles=frozenset({Role.AGENT}), password_hash=HASHED)
BO = User(id=AgentId("bo"), name="Bo", roles=frozenset({Role.AGENT}))


async def test_one_with_an_own_password_uses_that_and_one_without_the_demos() -> None:
    users = LocalUsers([ASA, BO], demo_password="demo password")
    assert await users.check(name="asa", password="own password") == ASA
    assert await users.check(name="bo", password="demo password") == BO
    for name, password in (("asa", "demo password"), ("bo", "own password"), ("nobody", "demo password")):
        with pytest.raises(LoginRefusedError):
            await users.check(name=name, password=password)


@pytest.mark.parametrize("password", ["", "a password that nobody has"])
async def test_outside_the_demo_one_without_a_password_cannot_log_in(password: str) -> None:
    with pytest.raises(LoginRefusedError):
        await LocalUsers([BO]).check(name="bo", password=password)


async def test_what_happens_to_an_agent_wakes_at_once_and_what_happens_to_others_a_little_later() -> None:
    listener = Listener(AgentId("asa"))
    assert not await listener.changed(within=0.01, settle=0.01)
    listener.notice(urgent=False)
    assert await listener.changed(within=1, settle=0.01)
    listener.notice(urgent=True)
    assert await listener.changed(within=1, settle=30), "must not wait for others to settle"
    assert not await listener.changed(within=0.01, settle=0.01), "it is told once"


def test_the_content_policy_allows_nothing_inline_and_only_our_own_and_the_switch() -> None:
    policy = content_policy(["ws://127.0.0.1:8088"])
    assert "connect-src 'self' ws://127.0.0.1:8088" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_secret_is_not_shown_when_something_is_printed() -> None:
    assert "hush" not in repr(SipAccount(uri="sip:agent-asa@127.0.0.1", password="hush", ws_url="ws://127.0.0.1"))
