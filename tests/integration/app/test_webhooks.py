"""Other systems hear what became of the texts that they had sent, and that somebody wrote: over all rooms."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli.main import commands
from app.doctor import examine
from app.reactions import reactions
from app.tellings import TELLINGS, TYPES
from app.wiring import Rooms
from sms.events import TextEnded
from sms.model import Message, Purpose
from tests.builders.texting import CITIZEN, Writer, handset, texting_rooms
from tests.fakes.clock import HandClock
from tests.fakes.receiver import SECRET, Receiver
from tests.fakes.texting import serving

TOKEN = "j" * 40
STORY = {"KC_DEMO": "true", "KC_SWITCH": "simulator", "KC_API_TOKENS": f"journal:texts:read={TOKEN}"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def receiver(clock: HandClock) -> AsyncIterator[Receiver]:
    async with serving(Receiver()) as receiver:
        receiver.now = clock.now
        yield receiver


def line(receiver: Receiver) -> dict[str, Any]:
    return {
        "api_tokens": STORY["KC_API_TOKENS"],
        "webhooks": f"journal {receiver.url}/hook {','.join(TYPES)} {SECRET}",
    }


async def send(rooms: Rooms, subject: str, *, system: str = "") -> str:
    async with rooms.database.transaction() as tx:
        made = await rooms.sms.intend(
            tx, purpose=Purpose.ANSWER, subject=subject, name="help", number=CITIZEN, system=system
        )
    assert isinstance(made, Message)
    return made.message


async def test_a_system_hears_of_its_own_texts_and_that_somebody_wrote_and_no_number_or_word(
    tmp_path: Path, valkey_url: str, clock: HandClock, receiver: Receiver
) -> None:
    async with texting_rooms(tmp_path, valkey_url, clock, **line(receiver)) as rooms:
        theirs = await send(rooms, "theirs", system="journal")
        await send(rooms, "ours")
        await send(rooms, "somebody else's", system="form")
        await handset(rooms)
        await Writer(rooms, clock).writes("när kommer pengarna")
        await rooms.webhooks.deliver_due("journal")
        told = {said["type"]: said["data"] for _, said in receiver.told}
        assert len(receiver.told) == 2
        assert told["text.delivered"] == {"message": theirs}
        assert set(told["text.received"]) == {"received", "keyword"}
        assert told["text.received"]["keyword"] == "payment"
        assert CITIZEN.e164[3:] not in str(receiver.told) and "pengarna" not in str(receiver.told)


async def test_a_process_that_dies_between_the_commit_and_the_delivery_has_the_next_one_tell(
    tmp_path: Path, valkey_url: str, clock: HandClock, receiver: Receiver
) -> None:
    async with texting_rooms(tmp_path, valkey_url, clock, **line(receiver)) as rooms:
        rooms.dispatcher.react({})  # it is killed before it reacts: the fact is committed, and marked by nobody
        fact = TextEnded(occurred_at=clock.now(), message="sms_1", system="journal", state="failed")
        rooms.database._listeners.clear()
        async with rooms.database.transaction() as tx:
            await tx.record(fact)
    clock.pass_time(seconds=5)
    async with texting_rooms(tmp_path, valkey_url, clock, **line(receiver)) as rooms:
        assert await rooms.dispatcher.run_overdue() >= 1
        await rooms.dispatcher.settled()
        await rooms.webhooks.deliver_due("journal")
    assert [said["type"] for _, said in receiver.told] == ["text.failed"]


async def test_every_fact_of_the_table_is_told_besides_what_else_follows_on_it(
    tmp_path: Path, valkey_url: str, clock: HandClock
) -> None:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        table = reactions(rooms)
        tell_systems = table[TextEnded][-1]
        assert {kind: table[kind].index(tell_systems) for kind in TELLINGS} == {
            kind: len(table[kind]) - 1 for kind in TELLINGS
        }


def kundcenter(*arguments: str) -> str:
    with capture_logs():
        result = CliRunner().invoke(commands, [*arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


async def make_one_that_fails(tmp_path: Path, valkey_url: str, clock: HandClock) -> None:
    async with serving(Receiver()) as receiver:
        receiver.now, receiver.chance, receiver.says = clock.now, lambda: "500", "<b>nej</b>"
        async with texting_rooms(tmp_path, valkey_url, clock, **line(receiver)) as rooms:
            fact = TextEnded(occurred_at=clock.now(), message="sms_1", system="journal", state="failed")
            async with rooms.database.transaction() as tx:
                await tx.record(fact)
            await rooms.dispatcher.settled()
            await rooms.webhooks.deliver_due("journal")


async def test_an_operator_sees_replays_and_is_told_by_doctor(
    tmp_path: Path, valkey_url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    await make_one_that_fails(tmp_path, valkey_url, clock)
    for name, value in STORY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KC_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("KC_WEBHOOKS", f"journal http://127.0.0.1:9/hook text.failed {SECRET}")

    def look() -> None:
        (one,) = json.loads(kundcenter("webhooks", "list", "--json", "--system", "journal"))
        assert (one["state"], one["status"], one["answer"]) == ("waiting", 500, "<b>nej</b>")
        assert json.loads(one["told"])["data"] == {"message": "sms_1"}
        assert "1 attempts, the last: 500" in kundcenter("webhooks", "list")
        assert "<b>nej</b>" in kundcenter("webhooks", "show", one["delivery"])
        again = json.loads(kundcenter("webhooks", "replay", one["delivery"], "--json"))
        assert (again["delivery"], again["attempts"]) == (one["delivery"], 0)
        assert json.loads(kundcenter("webhooks", "replay", "--failed-since", "2026-11-01", "--json")) == {"replayed": 0}
        assert "Name one delivery" in kundcenter("webhooks", "replay")
        assert "had not said" in kundcenter("webhooks", "resume", "journal")
        found = next(one for one in asyncio.run(examine()) if one.what == "webhooks")
        assert not found.ok and "journal has not taken" in found.state and "127.0.0.1" in found.state

    await asyncio.to_thread(look)


@pytest.mark.parametrize(
    ("webhooks", "word"),
    [
        (f"form https://x.example/ text.failed {SECRET}", "form is no system of KC_API_TOKENS"),
        (f"journal https://10.0.0.1/ text.failed {SECRET}", "KC_WEBHOOKS_PRIVATE"),
        ("journal https://x.example/ text.failed hidden", "24 to 64"),
    ],
)
def test_what_is_unsafe_is_named_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, webhooks: str, word: str
) -> None:
    from app.safety import UnsafeSettingsError, complete
    from app.settings import Settings

    for name, value in STORY.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UnsafeSettingsError, match=word) as refused:
        complete(Settings(state_dir=tmp_path, webhooks=webhooks))
    assert "hidden" not in str(refused.value) and SECRET[6:] not in str(refused.value)
