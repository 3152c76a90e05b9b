"""Other systems ask for promises to ring back, on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from callbacks.model import CallbackState
from callbacks.service import Callbacks
from callbacks.store import callbacks as table
from contacts.model import Channel, Outcome
from contacts.service import Contacts
from contacts.store import contacts as ledger
from core.ids import AgentId, CallbackId, ContactId, LegId
from tests.builders.callback_pages import READER, Front, front_of
from tests.fakes.clock import HandClock
from tests.integration.callbacks.asking import arrive, ask, row

HOSTILE = "<script>alert(1)</script>'; DROP TABLE callbacks; --"


@pytest.fixture
async def front(callbacks: Callbacks, redis: Redis, clock: HandClock) -> AsyncIterator[Front]:
    async with front_of(callbacks, redis, clock) as front:
        yield front


async def test_a_system_gets_a_promise_under_a_contact_of_its_own(
    front: Front, callbacks: Callbacks, contacts: Contacts
) -> None:
    status, made = await front.create(language="en", reason="form")
    assert (status, made["already"]) == (201, False)
    promise = await row(callbacks, made["promise"]["callback"])
    assert (promise.number.e164, promise.language, promise.reason) == ("+46701740605", "en", "form")
    assert made["promise"]["number_ends_with"] == "05"
    assert "701740605" not in str(made)
    async with callbacks.database.reading() as tx:
        contact = await contacts.get(tx, promise.contact)
    assert (contact.channel, contact.outcome, contact.called) == (
        Channel.WEB, Outcome.CALLBACK_PROMISED, "api:form",
    )  # fmt: skip


async def test_ten_at_once_with_one_key_make_one_promise_and_get_one_answer(front: Front, callbacks: Callbacks) -> None:
    answers = await asyncio.gather(*(front.create("same") for _ in range(10)))
    assert {status for status, _ in answers} == {201}
    assert len({str(body) for _, body in answers}) == 1
    async with callbacks.database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(table))).scalar_one() == 1
        assert (await tx.execute(select(func.count()).select_from(ledger))).scalar_one() == 1


async def test_the_same_key_is_the_same_promise_also_when_the_live_store_has_forgotten(
    front: Front, redis: Redis
) -> None:
    _, first = await front.create("k")
    await redis.flushall()
    assert await front.create("k") == (201, first)


async def test_the_same_key_with_another_body_is_refused(front: Front) -> None:
    await front.create("k")
    status, problem = await front.create("k", number="0701740606")
    assert (status, problem["type"]) == (422, "urn:kundcenter:OtherContentError")


async def test_a_key_is_a_systems_own_and_cannot_be_left_out(front: Front) -> None:
    status, problem = await front.ask("POST", "", {"number": "0701740605", "queue": "sjuk"})
    assert (status, problem["fields"][0]["field"]) == (422, "header.Idempotency-Key")


async def test_whoever_names_a_number_with_an_open_promise_learns_neither_its_code_nor_its_link(
    front: Front, callbacks: Callbacks, contacts: Contacts
) -> None:
    await ask(callbacks, await arrive(contacts))
    status, made = await front.create()
    assert (status, made["already"], made["code"], made["link"]) == (200, True, "", "")


async def test_an_earlier_contact_can_be_named_instead_of_a_number(front: Front, contacts: Contacts) -> None:
    async with contacts.database.transaction() as tx:
        known = await contacts.open(tx, contact=ContactId("con_before"), caller="+46701740607")
    status, made = await front.create(number="", contact=known.contact)
    assert (status, made["promise"]["number_ends_with"]) == (201, "07")
    assert (await front.create("other", number="", contact="con_nobody"))[0] == 404


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"number": "112"}, 409),  # never an emergency number
        ({"number": "0900-123 45 67"}, 409),  # never a premium one
        ({"number": HOSTILE}, 422),  # not even a number, and too long
        ({"number": ""}, 422),  # nobody
        ({"contact": "con_a"}, 422),  # two
        ({"queue": "no_such"}, 422),
        ({"reason": HOSTILE}, 422),
        ({"slot_at": "2026-11-16T10:07:00Z"}, 409),  # no time that can be chosen
        ({"slot_at": "2026-11-16T11:00:00"}, 422),  # nobody knows in which zone
        ({"more": 1}, 422),
    ],
)
async def test_what_cannot_be_promised_is_refused_by_name_and_leaves_nothing(
    front: Front, callbacks: Callbacks, wish: dict[str, str], status: int
) -> None:
    answered, problem = await front.create(**wish)
    assert (answered, problem["status"]) == (status, status), problem
    assert HOSTILE not in str(problem)
    async with callbacks.database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(ledger))).scalar_one() == 0


async def test_after_a_refusal_the_same_key_may_try_once_more(front: Front, clock: HandClock) -> None:
    wish = {"slot_at": (clock.now() + timedelta(minutes=60)).isoformat()}
    for number in range(4):
        assert (await front.create(f"{number}", number=f"070174061{number}", **wish))[0] == 201
    status, problem = await front.create("late", **wish)
    assert (status, problem["type"]) == (409, "urn:kundcenter:SlotTakenError")
    _, shown = await front.ask("GET", "?limit=1")
    await front.ask("DELETE", f"/{shown['promises'][0]['callback']}")
    assert (await front.create("late", **wish))[0] == 201


async def test_a_promise_is_shown_moved_and_cancelled(front: Front, clock: HandClock) -> None:
    _, made = await front.create()
    callback = made["promise"]["callback"]
    _, times = await front.ask("GET", "/times?queue=foralder")
    status, moved = await front.ask("POST", f"/{callback}/move", {"slot_at": times[3]["starts_at"]})
    assert (status, moved["told"], moved["wish"]) == (200, times[3], "time")
    assert (await front.ask("GET", f"/{callback}", token=READER)) == (200, moved)
    status, gone = await front.ask("DELETE", f"/{callback}")
    assert (status, gone["state"], gone["ended_because"]) == (200, "cancelled", "api:form")
    assert (await front.ask("DELETE", f"/{callback}")) == (200, gone)
    assert (await front.ask("POST", f"/{callback}/move", {"slot_at": None}))[0] == 409
    assert (await front.ask("GET", "/cbk_none"))[0] == 404


async def test_a_move_or_cancellation_that_is_sent_again_changes_nothing_more(front: Front) -> None:
    _, made = await front.create()
    callback = made["promise"]["callback"]
    _, times = await front.ask("GET", "/times?queue=foralder")
    first, second = ({"slot_at": one["starts_at"]} for one in times[3:5])
    assert (await front.ask("POST", f"/{callback}/move", first, key="move-1"))[0] == 200
    _, moved = await front.ask("POST", f"/{callback}/move", second, key="move-2")
    assert (await front.ask("POST", f"/{callback}/move", first, key="move-1")) == (200, moved), "it is not moved back"
    status, problem = await front.ask("POST", f"/{callback}/move", second, key="move-1")
    assert (status, problem["type"]) == (422, "urn:kundcenter:OtherContentError")
    status, gone = await front.ask("DELETE", f"/{callback}", key="cancel-1")
    assert (status, gone["state"]) == (200, "cancelled")
    assert (await front.ask("DELETE", f"/{callback}", key="cancel-1")) == (200, gone)
    assert (await front.ask("DELETE", f"/{callback}", key="move-2"))[0] == 422
    assert (await front.ask("POST", f"/{callback}/move", second, key="move-2")) == (200, gone), "nor after it is over"


async def test_promises_are_listed_by_rank_a_page_at_a_time(front: Front, clock: HandClock) -> None:
    made = []
    for number in range(7):
        clock.pass_time(seconds=1)
        made.append((await front.create(f"{number}", number=f"070174061{number}"))[1]["promise"]["callback"])
    seen: list[str] = []
    after = ""
    while after or not seen:
        _, page = await front.ask("GET", f"?limit=3&state=waiting&queue=foralder&after={after}")
        seen += [one["callback"] for one in page["promises"]]
        after = page["after"]
    assert seen == made


async def test_a_system_may_only_what_its_token_says(front: Front) -> None:
    _, made = await front.create()
    callback = made["promise"]["callback"]
    answers = Counter[int]()
    for token in (READER, "", "guess", READER[:-1], READER + "x"):
        for method, path, body in (
            ("POST", "", {"number": "0701740605", "queue": "sjuk"}),
            ("POST", f"/{callback}/move", {"slot_at": None}),
            ("DELETE", f"/{callback}", None),
        ):
            answers[(await front.ask(method, path, body, token=token, key="k"))[0]] += 1
    assert answers == {403: 3, 401: 12}


async def test_the_description_names_every_route(front: Front) -> None:
    status, said = await front.ask("GET", "/openapi.json", token="")
    assert status == 200
    assert sum(len(methods) for methods in said["paths"].values()) == 6
    create = said["paths"]["/api/v1/callbacks"]["post"]
    assert create["parameters"][0]["name"] == "Idempotency-Key"


async def test_a_machine_that_answered_does_not_keep_a_promise(
    front: Front, callbacks: Callbacks, clock: HandClock
) -> None:
    _, made = await front.create()
    callback, asa = CallbackId(made["promise"]["callback"]), AgentId("asa")
    await callbacks.due()
    await callbacks.dial(callback, leg=LegId("leg-1"), agent=asa)
    contact = (await row(callbacks, callback)).contact
    await callbacks.on_agent_connected(contact=contact, agent=asa)
    assert (await row(callbacks, callback)).state is CallbackState.KEPT
    assert not await callbacks.not_reached(callback, AgentId("bo"), "machine")
    assert await callbacks.not_reached(callback, asa, "machine")
    promise = await row(callbacks, callback)
    assert (promise.state, promise.attempts, promise.last_reason) == (CallbackState.WAITING, 1, "machine")
    assert promise.next_at == clock.now() + timedelta(minutes=30)
    assert promise.talked_at is None
    assert not await callbacks.not_reached(callback, asa, "machine")
    assert not await callbacks.kept(callback), "what is told late of that talk changes nothing"
    assert not await callbacks.helped(contact)
    assert (await row(callbacks, callback)).state is CallbackState.WAITING


async def test_a_machine_does_not_open_a_promise_again_when_another_is_open_by_then(
    front: Front, callbacks: Callbacks, clock: HandClock
) -> None:
    _, made = await front.create()
    callback, asa = CallbackId(made["promise"]["callback"]), AgentId("asa")
    await callbacks.take(callback, asa)
    await callbacks.dial(callback, leg=LegId("leg-1"), agent=asa)
    await callbacks.kept(callback)
    assert (await front.create("second"))[0] == 201
    assert await callbacks.not_reached(callback, asa, "wrong_person")
    promise = await row(callbacks, callback)
    assert (promise.state, promise.last_reason) == (CallbackState.CANCELLED, "replaced")
