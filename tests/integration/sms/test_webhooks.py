"""What providers post to us, over real HTTP: believed only when genuine, done once, answered as each provider needs it."""

import asyncio
import base64
import sqlite3
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import aiohttp
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from core.errors import ConfigurationError
from core.phone import PhoneNumber
from sms import store
from sms.adapters.elks import ElksWebhook
from sms.adapters.twilio import EMPTY_TWIML, TwilioWebhook
from sms.api.webhooks import AT_ONCE, LARGEST, make_webhook_router
from sms.model import Purpose, State
from sms.ports import Posted
from sms.service import Sms
from storage.database import Database
from tests.architecture.tree import ROOT
from tests.builders.desk_world import served
from tests.fakes.clock import HandClock
from tests.fakes.elks import Elks
from tests.fakes.twilio import TOKEN
from tests.unit.sms.test_keywords import HOSTILE

SECRET = "a-secret-of-an-address-that-nobody-guesses"
PUBLIC = "https://kc.example/front"
CITIZEN = PhoneNumber("+46701740605")
FORM = "application/x-www-form-urlencoded"


def recorded(name: str) -> str:
    return (ROOT / "tests/recorded/sms" / f"{name}.txt").read_text("utf-8")


def signature(target: str, body: str, *, token: str = TOKEN, base: str = PUBLIC) -> str:
    form = FormData(parse_qsl(body, keep_blank_values=True))
    return str(RequestValidator(token).compute_signature(base + target, form))


def login(secret: str = SECRET, kind: str = "Basic") -> str:
    return f"{kind} " + base64.b64encode(f"46elks:{secret}".encode()).decode()


class Door:
    """Posts to our webhooks as the providers do, through a proxy that knows us by another address."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._session = url, session

    async def post(self, target: str, body: str | bytes, headers: Mapping[str, str]) -> tuple[int, str, str]:
        async with self._session.post(
            aiohttp.client.URL(self._url + target, encoded=True), data=body, headers={"Content-Type": FORM, **headers}
        ) as answer:
            return answer.status, await answer.text(), answer.headers.get("content-type", "")

    async def elks(self, what: str, body: str, query: str = "", secret: str = SECRET) -> tuple[int, str, str]:
        target = f"/webhooks/sms/46elks/{what}" + (f"?{query}" if query else "")
        return await self.post(target, body, {"Authorization": login(secret)})

    async def twilio(self, what: str, body: str, query: str = "", **more: str) -> tuple[int, str, str]:
        target = f"/webhooks/sms/twilio/{what}" + (f"?{query}" if query else "")
        return await self.post(target, body, {"X-Twilio-Signature": signature(target, body, **more)})


@pytest.fixture
async def door(sms: Sms) -> AsyncIterator[Door]:
    app = FastAPI()
    hooks = [ElksWebhook(secret=SECRET), TwilioWebhook(token=TOKEN, base_url=PUBLIC + "/")]
    app.include_router(make_webhook_router(sms=sms, hooks=hooks))
    async with served(app) as (url, _), aiohttp.ClientSession() as session:
        yield Door(url, session)


async def kept(sms: Sms) -> list[Any]:
    async with sms.database.reading() as tx:
        return [(row.number, row.keyword, row.text) for row in await tx.execute(store.received.select())]


async def sent(sms: Sms) -> str:
    async with sms.database.transaction() as tx:
        message = await sms.intend(tx, purpose=Purpose.ANSWER, subject="x", name="help", number=CITIZEN)
    assert not isinstance(message, str)
    await sms.send_due()
    return message.message


async def state(sms: Sms, message: str) -> tuple[State, str]:
    async with sms.database.reading() as tx:
        row = await sms.get(tx, message)
    return row.state, row.reason


async def test_a_text_by_46elks_is_kept_once_and_nothing_is_said_that_would_go_to_the_citizen(
    sms: Sms, door: Door
) -> None:
    told = await asyncio.gather(*(door.elks("texts", recorded("46elks_text")) for _ in range(5)))
    assert {(status, body) for status, body, _ in told} == {(200, "")}
    assert await kept(sms) == [(CITIZEN.e164, "call", "Hej, ring mig tack! Åäö")]


async def test_a_text_by_twilio_is_kept_once_and_answered_with_nothing_to_say(sms: Sms, door: Door) -> None:
    told = await asyncio.gather(*(door.twilio("texts", recorded("twilio_text")) for _ in range(5)))
    assert set(told) == {(200, EMPTY_TWIML, "application/xml")}
    assert await kept(sms) == [(CITIZEN.e164, "call", "Hej, ring mig tack! Åäö")]


async def test_what_a_citizen_attached_is_never_fetched(sms: Sms, door: Door) -> None:
    assert (await door.twilio("texts", recorded("twilio_picture")))[0] == 200
    assert await kept(sms) == [(CITIZEN.e164, "other", "")]


@pytest.mark.parametrize("order", [("sent", "delivered"), ("delivered", "sent", "delivered"), ("delivered", "failed")])
async def test_receipts_by_46elks_move_a_text_on_in_any_order(sms: Sms, door: Door, order: tuple[str, ...]) -> None:
    message = await sent(sms)
    for word in order:
        assert (await door.elks("receipts", recorded(f"46elks_{word}")))[:2] == (200, "")
    assert await state(sms, message) == (State.DELIVERED, "")


async def test_a_receipt_settles_a_text_whose_reply_was_lost(sms: Sms, door: Door, elks: Elks) -> None:
    elks.faults.append("lost")
    message = await sent(sms)
    assert (await state(sms, message))[0] is State.SENDING
    query = elks.receipts[0].partition("?")[2]
    assert query.startswith("ref=sat_")
    assert (await door.elks("receipts", recorded("46elks_delivered"), query))[0] == 200
    assert await state(sms, message) == (State.DELIVERED, "")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, ""),  # no secret at all
        ({"Authorization": login("another secret than ours, of a like length")}, ""),
        ({"Authorization": login(SECRET[:-1])}, ""),
        ({"Authorization": login("")}, ""),
        ({"Authorization": login(kind="Bearer")}, ""),
        ({"Authorization": "Basic %%%not base64"}, ""),
        ({"Authorization": "Basic"}, ""),
        ({}, "key="),
        ({}, f"key={SECRET}x"),
        ({}, "key=%C3%A5%FF"),
    ],
)
async def test_46elks_is_not_believed_without_the_secret(
    sms: Sms, door: Door, headers: dict[str, str], query: str
) -> None:
    target = "/webhooks/sms/46elks/texts" + (f"?{query}" if query else "")
    assert (await door.post(target, recorded("46elks_text"), headers))[:2] == (403, "")
    assert await kept(sms) == []


async def test_the_secret_may_also_stand_in_the_query(sms: Sms, door: Door) -> None:
    assert (await door.post(f"/webhooks/sms/46elks/texts?key={SECRET}", recorded("46elks_text"), {}))[0] == 200
    assert len(await kept(sms)) == 1


# --- Twilio's signature -----------------------------------------------------------------------------------------------

OLD_VECTOR = {"From": "+14158675309", "To": "+18005551212", "CallSid": "CA1234567890ABCDE", "Digits": "1234"}
OLD_VECTOR |= {"Caller": "+14158675309"}


@pytest.mark.parametrize("address", ["https://mycompany.com", "https://mycompany.com:443", "https://mycompany.com/"])
def test_the_signature_is_that_of_twilios_public_example(address: str) -> None:
    hook = TwilioWebhook(token="12345", base_url=address)
    right = Posted(
        target="/myapp.php?foo=1&bar=2", query={"foo": "1", "bar": "2"}, form=[*OLD_VECTOR.items()],
        headers={"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
    )  # fmt: skip
    assert hook.is_genuine(right)
    assert not TwilioWebhook(token="12346", base_url=address).is_genuine(right)


async def test_a_request_is_believed_at_our_public_address_though_it_came_by_another(sms: Sms, door: Door) -> None:
    """Case 1: behind a proxy ``request.url`` is not what was signed; the raw path and query are, with the public base."""
    body, query = recorded("twilio_text"), "a=%C3%A5&b=%20x+y&c&a=1"
    assert (await door.twilio("texts", body, query))[0] == 200
    target = f"/webhooks/sms/twilio/texts?{query}"
    for wrong in ("http://127.0.0.1", "http://kc.example/front", "https://kc.example"):
        headers = {"X-Twilio-Signature": signature(target, body, base=wrong)}
        assert (await door.post(target, body, headers))[0] == 403
    assert (await door.twilio("texts", body, token="another token"))[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        recorded("twilio_text"),  # case 2: blank values are signed too
        "MessageSid=SM1&From=%2B46701740605&Body=a&MediaUrl=1&MediaUrl=2&MediaUrl=2",  # case 3: repeats
        f"MessageSid=SM1&From=%2B46701740605&Body={quote('+ & = % å 😀')}&to=x&To=y",
        "MessageSid=SM1&From=%2B46701740605&Body=",
    ],
)
async def test_every_field_is_part_of_what_was_signed(sms: Sms, door: Door, body: str) -> None:
    assert (await door.twilio("texts", body))[0] == 200
    assert len(await kept(sms)) == 1
    target = "/webhooks/sms/twilio/texts"
    for changed in (body + "&Extra=", body + "&Body=b", body.replace("From=%2B46701740605", "From=%2B46701740606")):
        assert (await door.post(target, changed, {"X-Twilio-Signature": signature(target, body)}))[0] == 403


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "ÿ"}])
async def test_a_missing_signature_is_refused(sms: Sms, door: Door, headers: dict[str, str]) -> None:
    """Cases 4 and 5."""
    assert (await door.post("/webhooks/sms/twilio/texts", recorded("twilio_text"), headers))[:2] == (403, "")
    assert await kept(sms) == []


def test_an_empty_token_would_let_anyone_sign() -> None:
    """Case 6."""
    with pytest.raises(ConfigurationError, match="token"):
        TwilioWebhook(token="", base_url=PUBLIC)


async def test_a_replay_after_a_day_does_nothing(sms: Sms, door: Door, clock: HandClock) -> None:
    """There is no time stamp in it: what was signed is the key (the message's own id), and that was seen."""
    for _ in range(2):
        assert (await door.twilio("texts", recorded("twilio_text")))[0] == 200
        clock.pass_time(days=1)
    assert len(await kept(sms)) == 1


async def test_whoever_told_twilio_to_stop_is_opted_out_with_us(sms: Sms, door: Door) -> None:
    message = await sent(sms)
    async with sms.database.transaction() as tx:
        row = await sms.get(tx, message)
        await store.change(tx, type(row)(**{**row.__dict__, "provider": "twilio", "provider_id": "SM" + "0" * 32}))
    for name in ("twilio_sent", "twilio_opted_out", "twilio_sent"):
        assert (await door.twilio("receipts", recorded(name)))[0] == 200
    assert await state(sms, message) == (State.FAILED, "21610")
    async with sms.database.reading() as tx:
        assert await store.is_opted_out(tx, CITIZEN)


# --- whatever comes ---------------------------------------------------------------------------------------------------


async def test_a_provider_that_we_have_not_is_not_there(door: Door) -> None:
    assert (await door.post("/webhooks/sms/nobody/texts", "a=b", {}))[:2] == (404, "")


@pytest.mark.parametrize("body", ["", "id=&from=x", "message=%FF%FE", "&&&===", "id", "a=%", "\x00", "id=1&id=2"])
async def test_whatever_is_posted_is_borne(sms: Sms, door: Door, body: str) -> None:
    for what in ("texts", "receipts"):
        status, said, _ = await door.elks(what, body)
        assert (status, said) in {(200, ""), (400, "")}
    assert await kept(sms) == []


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_text_is_taken_in_harmlessly(sms: Sms, door: Door, text: str) -> None:
    body = urlencode({"id": "s1", "from": CITIZEN.e164, "message": text.encode("utf-8", "replace")})
    assert (await door.elks("texts", body))[:2] == (200, "")
    assert len(await kept(sms)) == 1


@pytest.mark.parametrize("body", ["id=s1&message=" + "x" * LARGEST, "&".join(f"a{n}=1" for n in range(500))])
async def test_what_is_larger_than_any_text_is_refused(sms: Sms, door: Door, body: str) -> None:
    status, said, _ = await door.elks("texts", body)
    assert (status, said) in {(413, ""), (400, "")}


async def test_what_cannot_be_kept_is_not_acknowledged(sms: Sms, door: Door, database: Database) -> None:
    """The provider brings it again; a 2xx would be a promise that we cannot keep (I-28)."""
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE sms_received RENAME TO gone")
    status, said, _ = await door.elks("texts", recorded("46elks_text"))
    assert status >= 500
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO sms_received")
    assert (await door.elks("texts", recorded("46elks_text")))[:2] == (200, "")
    assert len(await kept(sms)) == 1


async def test_a_database_that_does_not_answer_makes_the_provider_come_again(
    sms: Sms, door: Door, database: Database
) -> None:
    if not database.is_sqlite:
        return
    other = sqlite3.connect(database.url.partition("///")[2], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert (await door.elks("texts", recorded("46elks_text")))[:2] == (503, "")
    other.execute("ROLLBACK")
    other.close()
    assert (await door.elks("texts", recorded("46elks_text")))[0] == 200


async def test_a_flood_of_receipts_leaves_connections_for_others(sms: Sms, door: Door, database: Database) -> None:
    out, most = 0, 0

    @event.listens_for(database.engine.sync_engine, "checkout")
    def _taken(*_: object) -> None:
        nonlocal out, most
        out, most = out + 1, max(most, out + 1)

    @event.listens_for(database.engine.sync_engine, "checkin")
    def _given_back(*_: object) -> None:
        nonlocal out
        out -= 1

    flood = [door.elks("receipts", f"id=s{number}&status=delivered") for number in range(40)]
    assert {status for status, _, _ in await asyncio.gather(*flood)} <= {200, 503}
    assert 0 < most <= AT_ONCE < 15  # so many connections to PostgreSQL there are in all
