"""``kundcenter routing explain`` says why a contact waits, and of one that was answered who got it and why."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.routing import routing_commands
from core.errors import NotFoundError
from skills_routing.model import AgentState
from storage.database import Database
from tests.integration.skills_routing.world import ASA, CARIN, World

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def this_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database, valkey_url: str) -> None:
    monkeypatch.setenv("KC_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("KC_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KC_REDIS_URL", valkey_url)
    monkeypatch.setenv("KC_SWITCH", "simulator")
    monkeypatch.setenv("KC_DEMO", "true")


async def explain(*arguments: str) -> str:
    """Asked from another process, as an operator does; here it is another thread with a loop of its own."""
    result = await asyncio.to_thread(
        CliRunner().invoke, routing_commands, ["explain", *arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


async def test_of_one_who_waits_it_says_for_whom_and_what_these_do(world: World) -> None:
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
    caller = await world.caller("sjuk", wanted="asa")
    said = await explain(caller.contact)
    assert "Väntar på plats 1 i kön Sjuk" in said
    assert "2 handläggare har Sjuk ≥ 1 och svenska: 1 utloggad, 1 i paus (rast)." in said
    told = json.loads(await explain(caller.contact, "--json"))
    assert (told["state"], told["place"], told["not_offered"]) == ("waiting", 1, [])
    assert told["sentences"] and all(sentence in said for sentence in told["sentences"][1:-1])


async def test_of_one_who_was_answered_it_says_by_whom_and_why_also_when_it_is_over(world: World) -> None:
    caller = await world.talk("sjuk", CARIN)
    why = "erbjöds carin (blev ledig, och kontakten stod först av dem som carin kan hjälpa), som svarade."
    said = await explain(caller.contact)
    assert why in said and "Talar med carin" in said
    await world.routing.hang_up(CARIN, contact=caller.contact)
    await world.until_state(CARIN, AgentState.WRAP_UP)
    await world.wrap_up(CARIN, caller)
    assert why in await explain(caller.contact)


async def test_a_contact_that_nobody_knows_is_said_to_be_unknown(world: World) -> None:
    with pytest.raises(NotFoundError):
        await explain("con_nobody")
