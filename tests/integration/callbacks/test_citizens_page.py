"""A citizen opens the page of their promise by its link, on both databases. No log-in, no cookies, no script."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from callbacks.api.page import PAGE
from callbacks.model import Callback, CallbackState
from callbacks.service import Callbacks
from citizen_pages.api.writing import load_words
from citizen_pages.links import Links
from citizen_pages.times import value_of
from contacts.service import Contacts
from core.ids import AgentId, CallbackId
from core.language import Language
from tests.builders.callback_pages import KEY, Front, front_of
from tests.builders.desk_world import ROOT
from tests.fakes.clock import HandClock
from tests.integration.callbacks.asking import arrive, ask, row

MARK = re.compile(r'name="mark" value="([^"]+)"')


@pytest.fixture
async def front(callbacks: Callbacks, redis: Redis, clock: HandClock) -> AsyncIterator[Front]:
    async with front_of(callbacks, redis, clock) as front:
        yield front


@pytest.fixture
async def promise(callbacks: Callbacks, contacts: Contacts) -> Callback:
    fact = await ask(callbacks, await arrive(contacts))
    return await row(callbacks, fact.callback)  # type: ignore[union-attr]


def form(page: str, **more: str) -> dict[str, str]:
    found = MARK.search(page)
    assert found
    return {"mark": found[1], **more}


async def test_it_tells_when_and_from_where_we_ring_and_nothing_of_who_it_is(front: Front, promise: Callback) -> None:
    link = front.links.to(promise.callback)
    status, page = await front.page(link)
    assert status == 200
    assert "0771-524 524" in page
    assert ">05<" in page
    assert "upp till 3 gånger" in page
    assert promise.number.national[:8] not in page
    assert promise.queue not in page
    assert not promise.proof or promise.proof not in page
    assert "<script" not in page
    english = (await front.page(f"{link}?lang=en"))[1]
    assert '<html lang="en">' in english
    assert "We will call you" in english


async def test_its_policy_allows_no_script_and_nobody_keeps_it(front: Front, promise: Callback) -> None:
    async with front.session.get(front.here(front.links.to(promise.callback))) as answer:
        headers = answer.headers
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


async def test_a_citizen_moves_the_time_and_takes_the_place_again(
    front: Front, callbacks: Callbacks, promise: Callback
) -> None:
    link = front.links.to(promise.callback)
    _, page = await front.page(link)
    [_, slot, *_] = await callbacks.times(queue=promise.queue)
    status, moved = await front.page(f"{link}/flytta", form(page, when=value_of(slot.starts_at)))
    assert (status, "Tiden är bytt." in moved) == (200, True)
    now = await row(callbacks, promise.callback)
    assert (now.slot, now.first_requested_at) == (slot, promise.first_requested_at)
    assert re.search(r"checked><label[^>]*>klockan [0-9.]+–[0-9.]+ \(vald nu\)", moved)
    _, kept = await front.page(f"{link}/flytta", form(moved, when="place"))
    assert "Du har kvar din plats i kön." in kept
    assert (await row(callbacks, promise.callback)).slot is None


async def test_a_citizen_cancels_on_a_second_page(front: Front, callbacks: Callbacks, promise: Callback) -> None:
    link = front.links.to(promise.callback)
    status, page = await front.page(f"{link}/avboka")
    assert status == 200
    assert "Vill du avboka?" in page
    assert (await row(callbacks, promise.callback)).is_open
    _, done = await front.page(f"{link}/avboka", form(page))
    assert "Återuppringningen är avbokad" in done
    assert (await row(callbacks, promise.callback)).last_reason == "citizen"
    assert (await front.page(f"{link}/avboka", form(page)))[0] == 200


async def test_a_time_that_was_just_taken_is_told_kindly_and_changes_nothing(
    front: Front, callbacks: Callbacks, promise: Callback, clock: HandClock
) -> None:
    link = front.links.to(promise.callback)
    _, page = await front.page(link)
    slot_at = (await callbacks.times(queue=promise.queue))[0].starts_at
    for number in range(4):
        wish = {"number": f"070174062{number}", "queue": promise.queue, "slot_at": slot_at.isoformat()}
        assert (await front.create(f"{number}", **wish))[0] in (201, 422)
    full = [one.starts_at for one in await callbacks.times(queue=promise.queue)]
    assert slot_at not in full
    status, told = await front.page(f"{link}/flytta", form(page, when=value_of(slot_at)))
    assert (status, "hann någon annan ta" in told) == (409, True)
    assert (await row(callbacks, promise.callback)) == promise


@pytest.mark.parametrize("when", ["", "99999999999999999999", "9999999999", "-1", "٣", "<script>", "place2"])
async def test_what_is_no_time_is_answered_by_the_page_itself(
    front: Front, callbacks: Callbacks, promise: Callback, when: str
) -> None:
    link = front.links.to(promise.callback)
    _, page = await front.page(link)
    status, told = await front.page(f"{link}/flytta", form(page, when=when))
    assert status in (409, 422)
    assert "<script" not in told
    assert (await row(callbacks, promise.callback)) == promise


async def test_only_a_form_of_this_very_page_changes_anything(
    front: Front, callbacks: Callbacks, contacts: Contacts, promise: Callback, clock: HandClock
) -> None:
    other = await ask(callbacks, await arrive(contacts, "con_b"), number="+46701740606")
    link = front.links.to(promise.callback)
    _, foreign = await front.page(front.links.to(other.callback))  # type: ignore[union-attr]
    _, own = await front.page(link)
    for marks in (form(foreign), {}, {"mark": ""}, {"mark": front.links.token(promise.callback)}):
        for what in ("flytta", "avboka"):
            status, told = await front.page(f"{link}/{what}", {**marks, "when": "place"})
            assert (status, "en gång till" in told) == (409, True)
    clock.pass_time(hours=13)
    assert (await front.page(f"{link}/avboka", form(own)))[0] == 409
    assert (await row(callbacks, promise.callback)).is_open


async def test_a_link_that_is_not_ours_leads_nowhere(front: Front, promise: Callback) -> None:
    token = front.links.token(promise.callback)
    foreign = Links(about="callback", page=PAGE, signing_key=KEY + "x", base_url="").token(promise.callback)
    mark = front.links.form_mark(promise.callback, now=promise.promised_at)
    unknown = front.links.token(CallbackId("cbk_none"))
    altered = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for wrong in (foreign, mark, unknown, altered, token[1:], "x", promise.callback, "%3Cscript%3E", "x" * 3000):
        for path in ("", "/avboka"):
            status, told = await front.page(f"/aterringning/{wrong}{path}")
            assert (status, "Länken leder ingenstans" in told) == (404, True), wrong
            assert "<script" not in told.lower()


@pytest.mark.parametrize(
    ("state", "status", "heading"),
    [
        (CallbackState.KEPT, 410, "Vi har redan ringt"),
        (CallbackState.CANCELLED, 200, "Återuppringningen är avbokad"),
        (CallbackState.TAKEN, 409, "Vi ringer dig nu"),
    ],
)
async def test_a_link_shows_no_more_once_the_promise_is_over(
    front: Front, callbacks: Callbacks, promise: Callback, state: CallbackState, status: int, heading: str
) -> None:
    link = front.links.to(promise.callback)
    _, page = await front.page(link)
    if state is CallbackState.CANCELLED:
        await callbacks.cancel(promise.callback, by="citizen")
    else:
        await callbacks.take(promise.callback, AgentId("asa"))
    if state is CallbackState.KEPT:
        await callbacks.kept(promise.callback)
    before = await row(callbacks, promise.callback)
    for path, sent in (("", None), ("/avboka", None), ("/flytta", form(page, when="place")), ("/avboka", form(page))):
        answered, told = await front.page(link + path, sent)
        assert (answered, f"<h1>{heading}</h1>" in told) == (status, True), path
        assert "0771-524 524" in told or state is CallbackState.TAKEN
        assert ">05<" not in told
    assert await row(callbacks, promise.callback) == before


async def test_a_call_that_was_not_answered_is_no_reproach(
    front: Front, callbacks: Callbacks, promise: Callback
) -> None:
    await callbacks.take(promise.callback, AgentId("asa"))
    await callbacks.missed(promise.callback, "no_answer")
    _, page = await front.page(front.links.to(promise.callback))
    assert "Vi ringer igen, tidigast måndag 16 november klockan 10.30." in page


async def test_whoever_loads_it_very_often_is_asked_to_wait_a_moment(
    callbacks: Callbacks, redis: Redis, clock: HandClock, promise: Callback
) -> None:
    async with front_of(callbacks, redis, clock, most=4) as front:
        link = front.links.to(promise.callback)
        assert [(await front.page(link))[0] for _ in range(6)] == [200, 200, 200, 200, 429, 429]


async def test_a_promise_with_a_time_says_which(front: Front, callbacks: Callbacks, clock: HandClock) -> None:
    at = clock.now() + timedelta(hours=2)
    _, made = await front.create(slot_at=at.isoformat(), language="en")
    _, page = await front.page(made["link"])
    assert "We will call you on Monday 16 November between 12:00 and 13:00." in page


def test_both_languages_say_the_same_with_the_same_fields() -> None:
    words = load_words(ROOT / "callbacks/api/words")
    assert set(words) == set(Language)
    fields = {
        language: {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in said.items()}
        for language, said in words.items()
    }
    assert fields[Language.SWEDISH] == fields[Language.ENGLISH]
