"""What we write by ourselves: what the case systems tell, once, to whoever has asked for that kind."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from standardwebhooks import Webhook

from app import http_errors, texts
from app.case_events import case_events_routers, polling_of
from app.wiring import Rooms
from callbacks.events import CallbackDue
from cases.api.events import PATH, webhook_of
from core.errors import ConfigurationError
from core.ids import ContactId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import ANSWERS, Binding, Kind
from tests.builders.desk_world import served
from tests.builders.texting import CITIZEN, Writer, asks_in_a_call, handset, texting_rooms
from tests.fakes.clock import HandClock

SECRET = "whsec_" + base64.b64encode(b"a secret of this test, and long enough").decode()
NIGHT = datetime(2026, 11, 16, 21, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    secret = SecretStr(SECRET)
    async with texting_rooms(tmp_path, valkey_url, clock, cases_events_secret=secret) as rooms:
        yield rooms


@dataclass
class CaseSystems:
    """The agency's systems, which tell of what has happened."""

    url: str
    session: aiohttp.ClientSession

    async def tell(self, name: str, what: str, *, subject: str = "demo-01", secret: str = SECRET, **data: Any) -> int:
        body = json.dumps({"type": what, "data": {"subject": subject, "benefit": "barnbidrag"} | data})
        return await self.post(name, body, secret=secret)

    async def post(self, name: str, body: str, *, secret: str = SECRET, **headers: str) -> int:
        now = datetime.now(UTC)
        signed = {
            "webhook-id": name, "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(name, now, body),
        } | headers  # fmt: skip
        async with self.session.post(self.url + PATH, data=body.encode(), headers=signed) as answer:
            return answer.status


@pytest.fixture
async def systems(rooms: Rooms) -> AsyncIterator[CaseSystems]:
    app = FastAPI()
    http_errors.install(app)
    for router in case_events_routers(rooms):
        app.include_router(router)
    async with served(app) as (url, _), aiohttp.ClientSession() as session:
        yield CaseSystems(url, session)


@pytest.fixture
async def citizen(rooms: Rooms, clock: HandClock) -> Writer:
    """Somebody whose number is theirs, and who has asked to be told of everything."""
    return await told_of(Writer(rooms, clock), frozenset(Kind))


async def told_of(writer: Writer, kinds: frozenset[Kind], subject: str = "demo-01") -> Writer:
    await asks_in_a_call(writer.rooms, writer.number, subject=subject, kinds=kinds)
    await writer.writes("1")
    return writer


async def new_texts(rooms: Rooms, *, since: int) -> list[str]:
    texts = await handset(rooms)
    return texts[: len(texts) - since]


@pytest.mark.parametrize(
    ("what", "data", "says"),
    [
        ("payment.set", {"on": "2026-12-18"}, "Nästa utbetalning av barnbidrag kommer fredag 18 december."),
        ("payment.changed", {"on": "2026-12-21"}, "Pengarna för barnbidrag kommer måndag 21 december."),
        ("case.decided", {}, "Vi har beslutat i ditt ärende om barnbidrag."),
        ("case.needs_more", {"benefit": "sjukpenning"}, "Vi behöver något mer i ditt ärende om din ersättning."),
    ],
)
async def test_each_kind_is_written_once_however_often_it_is_told(
    rooms: Rooms, systems: CaseSystems, citizen: Writer, what: str, data: dict[str, str], says: str
) -> None:
    before = len(await handset(rooms))
    assert [await systems.tell("evt-1", what, **data) for _ in range(3)] == [204] * 3
    (text,) = await new_texts(rooms, since=before)
    assert says in text
    assert "Svara STOPP" in text


async def test_only_what_was_asked_for_is_written(rooms: Rooms, systems: CaseSystems, clock: HandClock) -> None:
    await told_of(Writer(rooms, clock), ANSWERS | {Kind.ON_DECISION})
    before = len(await handset(rooms))
    await systems.tell("evt-1", "payment.set", on="2026-12-18")
    await systems.tell("evt-2", "case.needs_more")
    await systems.tell("evt-3", "case.decided", subject="demo-02")
    assert await new_texts(rooms, since=before) == []
    await systems.tell("evt-4", "case.decided")
    assert len(await new_texts(rooms, since=before)) == 1


async def test_one_chooses_by_text_and_stopp_ends_it_also_for_what_waits_for_the_morning(
    rooms: Rooms, systems: CaseSystems, clock: HandClock
) -> None:
    writer = await told_of(Writer(rooms, clock), ANSWERS)
    assert "Svara 1 när dagen" in await writer.writes("MEDDELA")
    assert "Då skriver vi" in await writer.writes("2")
    clock.at = NIGHT
    before = len(await handset(rooms))
    await systems.tell("evt-1", "case.decided")
    assert await new_texts(rooms, since=before) == [], "quiet hours"
    assert "inga fler sms" in await writer.writes("stopp")
    clock.pass_time(hours=10)
    assert len(await new_texts(rooms, since=before)) == 1, "only the answer to STOPP"


async def test_what_waits_for_the_morning_comes_then(
    rooms: Rooms, systems: CaseSystems, citizen: Writer, clock: HandClock
) -> None:
    clock.at = NIGHT
    before = len(await handset(rooms))
    await systems.tell("evt-1", "case.decided")
    clock.at = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
    assert len(await new_texts(rooms, since=before)) == 1


async def test_what_waits_for_the_morning_is_not_sent_to_who_has_changed_their_mind(
    rooms: Rooms, systems: CaseSystems, citizen: Writer, clock: HandClock
) -> None:
    clock.at = NIGHT
    before = len(await handset(rooms))
    await systems.tell("evt-1", "case.decided")
    await systems.tell("evt-2", "case.needs_more")
    await rooms.dispatcher.settled()
    await rooms.bindings.set_kinds(await person_of(rooms), CITIZEN, {Kind.ON_MISSING}, by="system:mina-sidor")
    clock.at = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
    (text,) = await new_texts(rooms, since=before)
    assert "Vi behöver något mer" in text


async def test_stopp_holds_for_all_that_waits(rooms: Rooms, clock: HandClock) -> None:
    writer = Writer(rooms, clock)
    await writer.writes("RING")
    (promise,) = await _promises(rooms)
    clock.at = NIGHT
    await texts.given_up(rooms, promise.callback)
    await writer.writes("STOPP")
    before = len(await handset(rooms))
    clock.at = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
    assert await new_texts(rooms, since=before) == []


async def _promises(rooms: Rooms) -> list[Any]:
    async with rooms.database.reading() as tx:
        return list(await rooms.callbacks.listed(tx))


async def test_one_name_is_one_event_whatever_comes_under_it_again(
    rooms: Rooms, systems: CaseSystems, citizen: Writer
) -> None:
    before = len(await handset(rooms))
    assert await systems.tell("evt-1", "case.decided") == 204
    assert await systems.tell("evt-1", "case.needs_more") == 204
    (text,) = await new_texts(rooms, since=before)
    assert "Vi har beslutat" in text


async def test_a_day_that_is_past_is_not_written_of(rooms: Rooms, systems: CaseSystems, citizen: Writer) -> None:
    before = len(await handset(rooms))
    assert await systems.tell("evt-1", "payment.changed", on="2026-11-15") == 204
    assert await new_texts(rooms, since=before) == []


async def test_nothing_is_written_to_a_shared_telephone_nor_to_somebody_with_protected_identity(
    rooms: Rooms, systems: CaseSystems, citizen: Writer, clock: HandClock
) -> None:
    await told_of(citizen, frozenset(Kind), "demo-02")
    protected = await told_of(Writer(rooms, clock, PhoneNumber("+46701740606")), frozenset(Kind), "demo-08")
    before = len(await handset(rooms)), len(await handset(rooms, protected.number))
    for number, subject in enumerate(("demo-01", "demo-02", "demo-08")):
        assert await systems.tell(f"evt-{number}", "case.decided", subject=subject) == 204
    assert (len(await handset(rooms)), len(await handset(rooms, protected.number))) == before


async def is_promised(rooms: Rooms, *, person: PersonId | None) -> CallbackDue:
    """Let somebody on this telephone be promised a call; return the fact that it is their turn."""
    contact = ContactId("con_p")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, caller=CITIZEN.e164)
        if person is not None:
            await rooms.contacts.identified(tx, contact, person=person, subject=Subject("demo-01"), level=2)
        await rooms.contacts.wants_callback(tx, contact, CITIZEN)
    made: Any = await rooms.callbacks.on_callback_requested(
        contact=contact, leg=None, queue="foralder", language=Language.SWEDISH, reason="asked"
    )
    async with rooms.database.transaction() as tx:
        await rooms.contacts.close(tx, contact)
        promise = await rooms.callbacks.get(tx, made.callback)
    return CallbackDue(
        occurred_at=rooms.clock.now(), callback=promise.callback, contact=contact, queue=promise.queue,
        language=promise.language, first_requested_at=promise.first_requested_at,
    )  # fmt: skip


async def person_of(rooms: Rooms) -> PersonId:
    async with rooms.database.reading() as tx:
        owner = await rooms.bindings.owner(tx, CITIZEN)
    assert isinstance(owner, Binding)
    return owner.person


@pytest.mark.parametrize(("minutes", "told"), [(0, 0), (19, 0), (20, 1)])
async def test_before_a_call_that_was_promised_a_while_ago_one_is_told_once(
    rooms: Rooms, citizen: Writer, clock: HandClock, minutes: int, told: int
) -> None:
    due = await is_promised(rooms, person=await person_of(rooms))
    before = len(await handset(rooms))
    clock.pass_time(minutes=minutes)
    for _ in range(3):
        await texts.notice_of_callback(rooms, due)
    new = await new_texts(rooms, since=before)
    assert len(new) == told
    assert all("Snart ringer vi upp dig" in text for text in new)


async def test_a_number_alone_is_told_of_no_call(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    due = await is_promised(rooms, person=None)
    before = len(await handset(rooms))
    clock.pass_time(minutes=20)
    await texts.notice_of_callback(rooms, due)
    assert await new_texts(rooms, since=before) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{}", 422), ("[]", 422), ("x", 422), ('{"type": "payment.set", "data": {"subject": "s", "benefit": "b_1"}}', 422),
        ('{"type": "person.died", "data": {"subject": "s", "benefit": "vab"}}', 422),
        ('{"type": "case.decided", "data": {"subject": "../x", "benefit": "vab"}}', 422), ("x" * 70_000, 401),
    ],
)  # fmt: skip
async def test_what_is_signed_but_no_event_is_refused(systems: CaseSystems, body: str, status: int) -> None:
    assert await systems.post("evt-1", body) == status


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"}, {"webhook-signature": "v1"}, {"webhook-signature": "v1,!!!"},
        {"webhook-signature": ""}, {"webhook-timestamp": "1"}, {"webhook-timestamp": "x"}, {"webhook-id": "evt-2"},
    ],
)  # fmt: skip
async def test_what_is_not_signed_by_them_now_is_not_believed(
    rooms: Rooms, systems: CaseSystems, citizen: Writer, headers: dict[str, str]
) -> None:
    before = len(await handset(rooms))
    body = json.dumps({"type": "case.decided", "data": {"subject": "demo-01", "benefit": "vab"}})
    assert await systems.post("evt-1", body, **headers) == 401
    other = "whsec_" + base64.b64encode(b"another secret, that is long enough").decode()
    assert await systems.post("evt-1", body, secret=other) == 401
    assert await new_texts(rooms, since=before) == []


def test_a_weak_secret_is_refused_and_without_one_nobody_is_believed() -> None:
    assert webhook_of("") is None
    for weak in ("whsec_c2hvcnQ=", "whsec_", "åäö"):
        with pytest.raises(ConfigurationError):
            webhook_of(weak)


async def test_case_systems_are_asked_for_events_only_where_that_is_set(
    tmp_path: Path, valkey_url: str, clock: HandClock, rooms: Rooms
) -> None:
    async with polling_of(rooms) as polling:
        assert polling is None
    more = {"cases_url": "http://127.0.0.1:1", "cases_events_poll": True}
    async with texting_rooms(tmp_path, valkey_url, clock, **more) as asking, polling_of(asking) as polling:
        assert polling is not None
        assert await polling.run_due() == 0, "nobody answers there"


async def test_a_sick_leave_becomes_one_task_of_the_handler_and_no_text(
    rooms: Rooms, systems: CaseSystems, clock: HandClock
) -> None:
    """Also for somebody who wants every text that there is: of sickness a person speaks, and no text (R71)."""
    await asks_in_a_call(rooms, CITIZEN)
    since = f"{clock.now().date() - timedelta(days=59)}"
    for name in ("sick-1", "sick-1", "sick-2"):
        assert await systems.tell(name, "case.sick_since", benefit="sjukpenning", on=since, handler="lena") == 204
    await rooms.dispatcher.settled()
    async with rooms.database.reading() as tx:
        (task,) = await rooms.meetings.tasks.listed(tx, every=True)
    assert (task.subject, task.handler, f"{task.since_on}", task.state) == ("demo-01", "lena", since, "open")
    assert not [text for text in await handset(rooms) if "sjuk" in text.lower()]
    assert await systems.tell("sick-3", "case.sick_since", benefit="sjukpenning") == 422
