"""The whole application with two providers on local ports, from what is set to what a citizen gets. Over real HTTP."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import SecretStr
from starlette.datastructures import FormData
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from app.dashboard_wiring import make_dashboard
from app.figures import TextFigures
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.sweeper import _count_texts, _forget
from app.text_providers import faults_of
from app.web import create_app
from app.wiring import Rooms, rooms_of
from core.phone import PhoneNumber
from sms.model import Purpose, State
from storage.schema import metadata
from tests.builders.desk_world import served
from tests.fakes import elks as fake_elks
from tests.fakes import twilio as fake_twilio
from tests.fakes.clock import HandClock
from tests.fakes.texting import serving

SECRET, PUBLIC, CITIZEN = "s" * 40, "https://kc.example", "+46701740605"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Site:
    rooms: Rooms
    elks: fake_elks.Elks
    twilio: fake_twilio.Twilio
    clock: HandClock
    url: str
    session: aiohttp.ClientSession

    async def by_elks(self, target: str, form: dict[str, str]) -> tuple[int, str]:
        login = base64.b64encode(f"46elks:{SECRET}".encode()).decode()
        return await self._post(target, form, {"Authorization": f"Basic {login}"})

    async def by_twilio(self, target: str, form: dict[str, str]) -> tuple[int, str]:
        signature = RequestValidator(fake_twilio.TOKEN).compute_signature(PUBLIC + target, FormData(form))
        return await self._post(target, form, {"X-Twilio-Signature": signature})

    async def _post(self, target: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        address = aiohttp.client.URL(self.url + target, encoded=True)
        async with self.session.post(address, data=urlencode(form), headers=FORM | headers) as answer:
            return answer.status, await answer.text()

    async def sent(self) -> list[str]:
        await self.rooms.dispatcher.settled()
        await self.rooms.sms.send_due()
        await self.rooms.dispatcher.settled()
        return [row["message"] for row in self.elks.kept] + [row["body"] for row in self.twilio.kept]


@pytest.fixture
async def site(tmp_path: Path, valkey_url: str) -> AsyncIterator[Site]:
    clock = HandClock()
    async with AsyncExitStack() as stack:
        elks = await stack.enter_async_context(serving(fake_elks.Elks()))
        twilio = await stack.enter_async_context(serving(fake_twilio.Twilio()))
        elks.now = twilio.now = clock.now
        settings = Settings(
            demo=True, switch=SwitchKind.SIMULATOR, state_dir=tmp_path, redis_url=valkey_url, public_url=PUBLIC,
            sms_providers="46elks:50,twilio:50",
            elks_url=elks.url, elks_username=fake_elks.USERNAME, elks_password=SecretStr(fake_elks.PASSWORD),
            elks_sender="+46701740699", elks_webhook_secret=SecretStr(SECRET),
            twilio_url=twilio.url, twilio_account=fake_twilio.ACCOUNT, twilio_token=SecretStr(fake_twilio.TOKEN),
            twilio_sender="+46701740698", twilio_per_second=1_000,
        )  # fmt: skip
        rooms = await stack.enter_async_context(rooms_of(complete(settings), clock=clock))
        async with rooms.database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        url, _ = await stack.enter_async_context(served(create_app(rooms, make_dashboard(rooms, stack))))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Site(rooms, elks, twilio, clock, url, session)


async def test_a_citizen_writes_by_either_provider_and_is_answered_and_the_receipt_is_taken_in(site: Site) -> None:
    with capture_logs() as logs:
        form = {"id": "s1", "from": CITIZEN, "to": "+46701740699", "message": "HJÄLP", "direction": "incoming"}
        assert await site.by_elks("/webhooks/sms/46elks/texts", form) == (200, "")
        assert len(await site.sent()) == 1
        form = {"MessageSid": "SM1", "From": "+46701740606", "Body": "HJÄLP", "NumMedia": "0", "FromZip": ""}
        status, said = await site.by_twilio("/webhooks/sms/twilio/texts", form)
        assert (status, said.endswith("<Response/>")) == (200, True)
        assert len(await site.sent()) == 2
        for row, address in [*zip(site.elks.kept, site.elks.receipts, strict=True)]:
            at = urlsplit(address)
            assert (at.hostname, at.username, at.password) == ("kc.example", "46elks", SECRET)
            told = await site.by_elks(f"{at.path}?{at.query}", {"id": row["id"], "status": "delivered"})
            assert told == (200, "")
        for row, address in [*zip(site.twilio.kept, site.twilio.receipts, strict=True)]:
            at = urlsplit(address)
            form = {"MessageSid": row["sid"], "MessageStatus": "delivered", "ErrorCode": ""}
            assert (await site.by_twilio(f"{at.path}?{at.query}", form))[0] == 200
    async with site.rooms.database.reading() as tx:
        assert {one.state for one in await site.rooms.sms.listed(tx)} == {"delivered"}
    written = str(logs)
    assert not any(secret in written for secret in (CITIZEN[3:], SECRET, fake_twilio.TOKEN, fake_elks.PASSWORD, "RING"))


async def test_nobody_else_is_believed(site: Site) -> None:
    assert (await site._post("/webhooks/sms/46elks/texts", {"id": "s1", "from": CITIZEN}, {}))[0] == 403
    assert (await site._post("/webhooks/sms/twilio/texts", {"MessageSid": "SM1", "From": CITIZEN}, {}))[0] == 403
    assert await site.sent() == []


async def send_some(site: Site, many: int) -> None:
    for number in range(many):
        async with site.rooms.database.transaction() as tx:
            await site.rooms.sms.intend(
                tx, purpose=Purpose.ANSWER, subject=str(number), name="help",
                number=PhoneNumber(f"+467017406{10 + number}"),
            )  # fmt: skip
    await site.rooms.sms.send_due()


async def test_what_became_of_texts_is_counted_and_a_provider_that_fails_is_named(site: Site) -> None:
    site.elks.chance = lambda: "402"  # no credit left
    await send_some(site, 30)
    site.clock.pass_time(seconds=2)
    registry = CollectorRegistry()
    await _count_texts(site.rooms, TextFigures(registry))
    page = generate_latest(registry).decode()
    assert 'kc_sms_texts{provider="twilio",state="accepted"} 30.0' in page
    assert 'kc_sms_provider_wellness{provider="46elks"} 0.0' in page
    assert 'kc_sms_provider_wellness{provider="twilio"} 1.0' in page
    assert "kc_sms_full_ranges 0.0" in page
    assert CITIZEN[3:] not in page


async def test_doctor_says_who_sends_and_what_is_wrong(site: Site) -> None:
    texts = site.rooms.configuration.sms
    words, faults = await faults_of(site.rooms.settings, texts)
    assert (words, faults) == ("46elks 50%, twilio 50%", [])


async def left(site: Site) -> int:
    async with site.rooms.database.reading() as tx:
        return len(await site.rooms.sms.listed(tx))


async def test_the_sweeper_forgets_what_is_over_after_its_time(site: Site) -> None:
    await send_some(site, 1)
    for kind, double in (("46elks", site.elks), ("twilio", site.twilio)):
        for row in double.kept:
            await site.rooms.sms.receipt(provider=kind, provider_id=row.get("id") or row["sid"], state=State.DELIVERED)
    site.clock.pass_time(days=179)
    await _forget(site.rooms)
    assert await left(site) == 1
    site.clock.pass_time(days=2)
    await _forget(site.rooms)
    assert await left(site) == 0
