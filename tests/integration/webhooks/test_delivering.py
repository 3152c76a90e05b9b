"""Other systems are told at least once, whatever they and we do meanwhile: on both databases, over real HTTP."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from storage.database import Database
from tests.fakes.clock import HandClock
from tests.fakes.receiver import OLDER, SECRET, Receiver
from tests.integration.webhooks.conftest import subscribed, webhooks_of
from webhooks.adapters.http import HttpPost
from webhooks.errors import DeliveryNotFoundError, DeliveryUnderWayError, SwitchedOffError
from webhooks.model import PAUSES, Answer, Happening, State
from webhooks.reach import Reach
from webhooks.service import AT_ONCE, HOLD, KEPT, Webhooks

DAY = timedelta(days=1)


def happened(clock: HandClock, number: int = 1, *, to: str | None = "journal", kind: str = "delivered") -> Happening:
    return Happening(type=f"text.{kind}", data={"message": f"sms_{number}"}, occurred_at=clock.now(), to=to)


async def test_what_happened_is_told_once_signed_and_only_to_whom_it_concerns(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    told = happened(clock)
    for happening in (told, told, happened(clock, to="form"), happened(clock, to=""), happened(clock, kind="failed")):
        await webhooks.tell(happening)  # the first fact is told twice by the outbox
    assert await webhooks.deliver_due("journal") == 1
    assert await webhooks.deliver_due("journal") == 0
    ((name, said),) = receiver.told
    assert said == {"type": "text.delivered", "timestamp": clock.now().isoformat(), "data": {"message": "sms_1"}}
    kept = await webhooks.get(name)
    assert (kept.state, kept.status, kept.answer, kept.attempts) == (State.DELIVERED, 200, "tack", 1)


@pytest.mark.parametrize("answer", ["500", "429", "404", "lost", "slow", "redirect"])
async def test_what_is_not_taken_is_told_again_under_the_same_id_when_a_pause_is_over(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, answer: str
) -> None:
    receiver.answers.extend([answer, answer])
    await webhooks.tell(happened(clock))
    await webhooks.deliver_due("journal")
    (waiting,) = await webhooks.listed(state=State.WAITING)
    assert waiting.status == (int(answer) if answer.isdigit() else 307 if answer == "redirect" else None)
    clock.pass_time(seconds=PAUSES[0].total_seconds() - 1)
    assert await webhooks.deliver_due("journal") == 0, "before its pause is over"
    for pause in PAUSES[:2]:
        clock.pass_time(seconds=pause.total_seconds() + 1)
        await webhooks.deliver_due("journal")
    assert receiver.ids == [waiting.delivery] * 3
    assert receiver.led_astray == 0
    assert [(one.state, one.attempts) for one in await webhooks.listed()] == [(State.DELIVERED, 3)]


async def test_an_answer_without_end_is_taken_by_its_status_and_little_of_it_is_kept(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    receiver.answers.append("endless")
    await webhooks.tell(happened(clock))
    await webhooks.deliver_due("journal")
    (taken,) = await webhooks.listed()
    assert (taken.state, len(taken.answer)) == (State.DELIVERED, 200)


async def test_what_a_receiver_says_is_kept_short_and_harmless(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    receiver.answers.append("500")
    receiver.says = "\x1b[31m<b>nej</b>\r\n\u202e" + "å" * 999
    await webhooks.tell(happened(clock))
    await webhooks.deliver_due("journal")
    (kept,) = await webhooks.listed()
    assert kept.answer == ("[31m<b>nej</b> " + "å" * 999)[:200]


@pytest.mark.parametrize(("knows", "believed"), [(SECRET, True), (OLDER, True), ("whsec_" + "Zm9v" * 8, False)])
async def test_while_a_secret_is_changed_either_is_believed(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, knows: str, believed: bool
) -> None:
    receiver.knows = knows
    await webhooks.tell(happened(clock))
    await webhooks.deliver_due("journal")
    assert bool(receiver.told) is believed


async def test_after_the_last_attempt_it_stays_in_the_log_and_can_be_replayed(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    receiver.answers.extend(["503"] * 10)
    await webhooks.tell(happened(clock, 1))
    await webhooks.tell(happened(clock, 2))
    begun = clock.now()
    for pause in (*PAUSES, timedelta(days=9)):
        await webhooks.deliver_due("journal")
        clock.pass_time(seconds=pause.total_seconds())
        receiver.answers.extend(["503"] * 2)
    receiver.answers.clear()
    assert {one.state for one in await webhooks.listed()} == {State.FAILED}
    assert len(receiver.told) == 2 * (len(PAUSES) + 1)
    assert await webhooks.replay_failed(clock.now() - DAY) == 0
    assert await webhooks.replay_failed(begun - DAY, system="form") == 0
    assert await webhooks.replay_failed(begun, system="journal") == 2
    await webhooks.deliver_due("journal")
    assert {one.state for one in await webhooks.listed()} == {State.DELIVERED}
    assert len(set(receiver.ids)) == 2


async def test_one_is_replayed_though_it_was_taken_and_not_while_it_is_tried(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    await webhooks.tell(happened(clock))
    await webhooks.deliver_due("journal")
    (name,) = receiver.ids
    for wrong in ({"delivery": "whd_none"}, {"delivery": name, "system": "form"}):
        with pytest.raises(DeliveryNotFoundError):
            await webhooks.replay(**wrong)
    again = await webhooks.replay(name, system="journal")
    assert (again.state, again.attempts) == (State.WAITING, 0)
    await webhooks._claim("journal")
    with pytest.raises(DeliveryUnderWayError):
        await webhooks.replay(name)
    clock.pass_time(seconds=HOLD.total_seconds() + 1)
    await webhooks.deliver_due("journal")
    assert receiver.ids == [name, name]


async def test_410_switches_the_address_off_until_it_is_switched_on_or_another(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, database: Database, post: HttpPost
) -> None:
    receiver.answers.append("410")
    for number in (1, 2):
        await webhooks.tell(happened(clock, number))
        clock.pass_time(seconds=1)
    await webhooks.deliver_due("journal")
    await webhooks.tell(happened(clock, 3))
    assert await webhooks.deliver_due("journal") == 0
    off = {(one.state, one.reason) for one in await webhooks.listed()}
    assert (State.FAILED, "switched_off") in off and State.WAITING not in {state for state, _ in off}
    assert await webhooks.off() == ["journal"]
    name = (await webhooks.listed(state=State.FAILED))[0].delivery
    with pytest.raises(SwitchedOffError):
        await webhooks.replay(name)
    assert await webhooks.replay_failed(clock.now() - DAY) == 0

    moved = webhooks_of(database, clock, post, subscribed(f"{receiver.url}/hook?moved"))
    assert await moved.off() == []
    assert await webhooks.switch_on("journal") and not await webhooks.switch_on("journal")
    assert await webhooks.replay_failed(clock.now() - DAY) >= 1
    await webhooks.deliver_due("journal")
    assert {one.state for one in await webhooks.listed()} == {State.DELIVERED}
    assert {said["data"]["message"] for _, said in receiver.told} == {"sms_1", "sms_2", "sms_3"}


async def test_two_processes_never_post_one_at_the_same_time(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, database: Database, post: HttpPost
) -> None:
    many = 3 * AT_ONCE + 1
    for number in range(many):
        await webhooks.tell(happened(clock, number))
    other = Database(database.url)
    second = webhooks_of(other, clock, post, *webhooks.subscriptions.values())
    tried = await asyncio.gather(webhooks.deliver_due("journal"), second.deliver_due("journal"))
    await other.close()
    assert sum(tried) == len(receiver.told) == len(set(receiver.ids)) == many


class Mortal:
    """A process that is killed when it has posted, before it has written what came of it."""

    def __init__(self, post: HttpPost) -> None:
        self.post = post

    async def __call__(self, url: str, *, headers: Mapping[str, str], body: str) -> Answer:
        await self.post(url, headers=headers, body=body)
        raise KeyboardInterrupt

    async def close(self) -> None: ...


async def test_a_process_that_dies_after_posting_has_the_next_one_tell_it_again_under_the_same_id(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, database: Database, post: HttpPost
) -> None:
    await webhooks.tell(happened(clock))
    (claimed,) = await webhooks._claim("journal")
    mortal = webhooks_of(database, clock, Mortal(post), *webhooks.subscriptions.values())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        await mortal._attempt(claimed, webhooks.subscriptions["journal"])
    assert await webhooks.deliver_due("journal") == 0, "it may still be under way"
    clock.pass_time(seconds=HOLD.total_seconds() + 1)
    assert await webhooks.deliver_due("journal") == 1
    assert receiver.ids == [claimed.delivery] * 2


async def test_a_process_that_stood_still_does_not_write_over_what_the_next_one_found(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    subscription = webhooks.subscriptions["journal"]
    await webhooks.tell(happened(clock))
    receiver.answers.append("500")
    came_of = [await webhooks._attempt(one, subscription) for one in await webhooks._claim("journal")]
    clock.pass_time(seconds=HOLD.total_seconds() + 1)
    await webhooks.deliver_due("journal")
    await webhooks._write(came_of, subscription)
    assert [one.state for one in await webhooks.listed()] == [State.DELIVERED]


async def test_whoever_is_away_is_not_asked_about_each_of_many_and_holds_nobody_up(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, database: Database, post: HttpPost
) -> None:
    both = webhooks_of(
        database, clock, post, *webhooks.subscriptions.values(), subscribed("http://127.0.0.1:1/", system="form")
    )
    for number in range(2 * AT_ONCE):
        await both.tell(happened(clock, number, to=None))
    assert await both.deliver_due("form") == AT_ONCE
    assert await both.deliver_due("journal") == 2 * AT_ONCE
    counted = await both.counted(since=clock.now() - DAY)
    assert (counted["journal"].delivered, counted["form"].waiting) == (2 * AT_ONCE, 2 * AT_ONCE)
    assert counted["form"].oldest_waiting == clock.now()


async def test_whoever_asks_for_a_pause_is_told_nothing_until_it_is_over(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock
) -> None:
    receiver.answers.append("429")
    receiver.retry_after = "600"
    await webhooks.tell(happened(clock, 1))
    assert await webhooks.deliver_due("journal") == 1
    receiver.retry_after = ""
    await webhooks.tell(happened(clock, 2))
    clock.pass_time(seconds=599)
    assert await webhooks.deliver_due("journal") == 0, "neither this one nor another"
    clock.pass_time(seconds=2)
    assert await webhooks.deliver_due("journal") == 2
    assert [one.state for one in await webhooks.listed()] == [State.DELIVERED] * 2


@pytest.mark.parametrize("host", ["127.0.0.1.nip.io", "localhost"])
async def test_a_name_that_leads_inside_is_not_followed(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    outside = HttpPost(reach=Reach(), seconds=2)

    def leads_inside(*_args: object, **_more: object) -> list[object]:
        return [(2, 1, 6, "", ("127.0.0.1", int(receiver.url.rsplit(":", 1)[1])))]

    monkeypatch.setattr("socket.getaddrinfo", leads_inside)  # as a name server of somebody hostile would have it
    answer = await outside(receiver.url.replace("127.0.0.1", host) + "/hook", headers={}, body="{}")
    await outside.close()
    assert (answer.status, answer.text) == (None, "ClientConnectorDNSError")


async def test_what_is_old_is_forgotten_and_what_waits_for_nobody_given_up(
    webhooks: Webhooks, receiver: Receiver, clock: HandClock, database: Database, post: HttpPost
) -> None:
    await webhooks.tell(happened(clock, 1))
    await webhooks.deliver_due("journal")
    receiver.answers.append("500")
    await webhooks.tell(happened(clock, 2))
    await webhooks.deliver_due("journal")
    clock.pass_time(days=KEPT.days, seconds=1)
    assert await webhooks.forget() == 1
    assert [one.state for one in await webhooks.listed()] == [State.WAITING]
    await webhooks_of(database, clock, post).forget()
    assert [(one.state, one.reason) for one in await webhooks.listed()] == [(State.FAILED, "no_subscription")]
