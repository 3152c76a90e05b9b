"""Two providers that lose replies after taking a text, refuse, repeat, reorder and forget their receipts; and a count of it."""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from urllib.parse import urlencode, urlsplit

import aiohttp
from fastapi import FastAPI
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider, ElksWebhook
from sms.adapters.twilio import TwilioProvider, TwilioWebhook
from sms.api.webhooks import make_webhook_router
from sms.model import Message, Purpose, State
from sms.routes import Route
from sms.service import Sms
from sms.wording import Texts
from storage.database import Database, DatabaseUnavailableError
from tests.builders.desk_world import served
from tests.fakes import elks as fake_elks
from tests.fakes import twilio as fake_twilio
from tests.fakes.clock import CountingIds, HandClock
from tests.fakes.texting import Double, Row, serving

SECRET = "a-secret-of-an-address-that-nobody-guesses"
PUBLIC = "https://kc.example"
OURS = PhoneNumber("+46701740699")
FICTION = range(701740605, 701740699)

FAULTS = {"lost": 5, "dropped": 3, "500 taken": 2, "garbled": 1, "slow": 2, "429": 3}
"""What goes wrong with so many of a hundred requests."""

UNTOLD, FAILED, REORDERED, DOUBLED = 3, 5, 30, 20
"""Of so many of a hundred texts no receipt comes, or it says failed; so many receipts come out of order, or twice."""

MOST_TURNS = 60


@dataclass
class Losses:
    """What went wrong, and what became of it."""

    faults: Counter[str] = field(default_factory=Counter)
    receipts: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    not_sent: int = 0
    sent_twice: int = 0
    wrong_states: int = 0
    turns: int = 0
    database_away: int = 0

    @property
    def holds(self) -> bool:
        """Whether each text went once and each state is what the provider told."""
        return not (self.not_sent or self.sent_twice or self.wrong_states)

    def table(self, many: int) -> list[str]:
        """Return it as lines to print."""
        rows = [("texts", many)]
        rows += [(f"fault: {name}", count) for name, count in sorted(self.faults.items())]
        rows += [(f"receipts: {name}", count) for name, count in sorted(self.receipts.items())]
        rows += [(f"taken by {name}", count) for name, count in sorted(self.kept.items())]
        rows += [(f"state in the end: {name}", count) for name, count in sorted(self.states.items())]
        rows += [("database did not answer", self.database_away)]
        rows += [("not sent", self.not_sent), ("sent twice", self.sent_twice), ("wrong state", self.wrong_states)]
        return [f"{name:<36}{count:>8}" for name, count in rows]


class LossyWorld:
    """Our room, its webhooks over HTTP, and two providers that lose things."""

    def __init__(
        self, sms: Sms, clock: HandClock, doubles: Sequence[Double], url: str, session: aiohttp.ClientSession, seed: int
    ) -> None:
        self.sms, self.clock, self.doubles = sms, clock, doubles
        self.losses = Losses()
        self._url, self._session, self._chance = url, session, Random(seed)
        self.receipts_are_late = False
        """Whether none is told while we send; else some are here before the reply is written down."""
        self._may_be_told = asyncio.Event()
        self._may_be_told.set()
        self._told: set[asyncio.Task[None]] = set()
        self._final: dict[str, State | None] = {}
        for double in doubles:
            double.chance, double.tell, double.slow_seconds = self._fault, self._tell, 0.02

    async def mean(self, many: int) -> None:
        """Mean to send so many texts, each with its own number and words."""
        async with self.sms.database.transaction() as tx:
            for number in range(many):
                minute, whose = divmod(number, len(FICTION))
                made = await self.sms.intend(
                    tx, purpose=Purpose.ANSWER, subject=str(number), name="place_kept",
                    number=PhoneNumber(f"+46{FICTION[whose]}"), values={"until": f"{minute // 60:02}.{minute % 60:02}"},
                )  # fmt: skip
                assert isinstance(made, Message)

    async def settle(self) -> None:
        """Let time pass until nothing is left to do."""
        while await self._send_and_hear() or await self._is_any_left():
            self.losses.turns += 1
            assert self.losses.turns < MOST_TURNS, "some text is never settled"
            for double in self.doubles:
                double.history_is_down = self.losses.turns % 3 == 1  # at times nobody can be looked up
            self.clock.pass_time(seconds=31)

    async def count(self, many: int) -> Losses:
        """Compare what we think with what the providers have."""
        losses, had = self.losses, Counter[tuple[str, str]]()
        truth: dict[tuple[str, str], State | None] = {}
        for name, double in zip(("46elks", "twilio"), self.doubles, strict=True):
            losses.kept[name] = len(double.kept)
            for row in double.kept:
                text = (row["to"], row.get("message") or row["body"])
                had[text] += 1
                truth[text] = self._final[_id(row)]
        losses.sent_twice = sum(count - 1 for count in had.values())
        losses.not_sent = many - len(had)
        for message in await self._all(many):
            final = truth.get((message.number.e164, message.text))
            losses.states[message.state] += 1
            right = (State.ACCEPTED, State.SENT) if final is None else (final,)
            losses.wrong_states += message.state not in right
        return losses

    async def _send_and_hear(self) -> int:
        if self.receipts_are_late:
            self._may_be_told.clear()
        handled = await self._send()
        self._may_be_told.set()
        while self._told:
            await asyncio.gather(*self._told)
        return handled

    async def _send(self) -> int:
        """Send as the sweeper does: a database that does not answer in a crowd is asked again in the next turn."""
        try:
            return await self.sms.send_due()
        except DatabaseUnavailableError:
            self.losses.database_away += 1
            return 1

    async def _is_any_left(self) -> bool:
        counted = await self.sms.counted(since=self.clock.now() - timedelta(days=2))
        return any(many for (_, state), many in counted.items() if state in (State.WAITING, State.SENDING))

    async def _all(self, many: int) -> Sequence[Message]:
        async with self.sms.database.reading() as tx:
            return await self.sms.listed(tx, limit=many)

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    def _fault(self) -> str:
        drawn = self._chance.randrange(100)
        for fault, share in FAULTS.items():
            drawn -= share
            if drawn < 0:
                self.losses.faults[fault] += 1
                return fault
        return ""

    def _tell(self, row: Row, address: str) -> None:
        """Have receipts told after a while: some never, some twice, some in the wrong order."""
        is_untold, has_failed = self._of_hundred(UNTOLD), self._of_hundred(FAILED)
        final = State.FAILED if has_failed else State.DELIVERED
        self._final[_id(row)] = None if is_untold else final
        words = ["sent"] if is_untold else ["sent", final.value]
        if self._of_hundred(REORDERED):
            words.reverse()
            self.losses.receipts["out of order"] += 1
        for word in list(words):
            if self._of_hundred(DOUBLED):
                words.append(word)
                self.losses.receipts["twice"] += 1
        self.losses.receipts["missing"] += is_untold
        task = asyncio.create_task(self._post(row, address, words, self._chance.random() / 50))
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    def _of_hundred(self, share: int) -> bool:
        return self._chance.randrange(100) < share

    async def _post(self, row: Row, address: str, words: Sequence[str], after: float) -> None:
        await self._may_be_told.wait()
        await asyncio.sleep(after)
        target = urlsplit(address)
        path = f"{target.path}?{target.query}"
        for word in words:
            body, headers = _elks_receipt(row, word) if "id" in row else _twilio_receipt(row, word, path)
            while not await self._is_taken(path, body, headers):  # it brings a receipt again, as providers do
                self.losses.receipts["brought again"] += 1
                await asyncio.sleep(0.1)

    async def _is_taken(self, path: str, body: str, headers: dict[str, str]) -> bool:
        address = aiohttp.client.URL(self._url + path, encoded=True)
        try:
            async with self._session.post(address, data=body, headers=headers) as answer:
                assert answer.status in (200, 503), answer.status
                return answer.status == 200
        except aiohttp.ClientError:  # in a crowd a connection is reset
            return False


def _elks_receipt(row: Row, word: str) -> tuple[str, dict[str, str]]:
    login = base64.b64encode(f"46elks:{SECRET}".encode()).decode()
    body = urlencode({"id": row["id"], "status": word})
    return body, {"Authorization": f"Basic {login}", "Content-Type": "application/x-www-form-urlencoded"}


def _twilio_receipt(row: Row, word: str, path: str) -> tuple[str, dict[str, str]]:
    form = {"MessageSid": row["sid"], "MessageStatus": "undelivered" if word == "failed" else word, "ErrorCode": ""}
    signature = RequestValidator(fake_twilio.TOKEN).compute_signature(PUBLIC + path, FormData(form))
    return urlencode(form), {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}


def _id(row: Row) -> str:
    return str(row.get("id") or row["sid"])


@asynccontextmanager
async def lossy_world(
    database: Database, texts: Texts, *, seed: int = 1, kind: type[Sms] = Sms
) -> AsyncIterator[LossyWorld]:
    """Make the world; ``kind`` is another room than ours, to see whether the count tells them apart."""
    clock = HandClock()
    async with AsyncExitStack() as stack:
        elks = await stack.enter_async_context(serving(fake_elks.Elks()))
        twilio = await stack.enter_async_context(serving(fake_twilio.Twilio()))
        elks.now = twilio.now = clock.now
        by_elks = ElksProvider(
            url=elks.url, username=fake_elks.USERNAME, password=fake_elks.PASSWORD, sender=OURS,
            receipts=f"{PUBLIC}/webhooks/sms/46elks/receipts",
        )  # fmt: skip
        by_twilio = TwilioProvider(
            url=twilio.url, account=fake_twilio.ACCOUNT, token=fake_twilio.TOKEN, sender=OURS,
            receipts=f"{PUBLIC}/webhooks/sms/twilio/receipts",
        )  # fmt: skip
        uncapped = replace(texts.policy, number_per_day=10**6, range_per_hour=10**6, all_per_hour=10**6)
        sms = kind(
            database=database, clock=clock, new_id=CountingIds(), texts=replace(texts, policy=uncapped),
            own_number="0771-524 524",
            routes=[Route(provider=by_elks, per_second=10_000), Route(provider=by_twilio, per_second=10_000)],
        )  # fmt: skip
        stack.push_async_callback(sms.close)
        app = FastAPI()
        hooks = [ElksWebhook(secret=SECRET), TwilioWebhook(token=fake_twilio.TOKEN, base_url=PUBLIC)]
        app.include_router(make_webhook_router(sms=sms, hooks=hooks))
        url, _ = await stack.enter_async_context(served(app))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield LossyWorld(sms, clock, (elks, twilio), url, session, seed)
