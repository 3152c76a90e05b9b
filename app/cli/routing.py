"""``kundcenter routing``: says why a contact went where it went, or why it still waits."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from app.present import present_settings
from app.safety import complete
from app.settings import Settings
from app.wiring import rooms_of
from core.ids import ContactId
from skills_routing.explaining import Explanation

routing_commands = typer.Typer(no_args_is_help=True, help="Which agent gets which contact, and why.")

console = Console(highlight=False)


@routing_commands.callback()
def routing() -> None:
    """Look into routing. Nothing here changes who gets whom."""


@routing_commands.command()
def explain(
    contact: Annotated[str, typer.Argument(help="The id of a contact, such as con_….")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say in Swedish why a contact went where it went, or why it still waits."""
    explanation = asyncio.run(explained(complete(present_settings()), ContactId(contact)))
    if as_json:
        typer.echo(json.dumps(as_dict(explanation), ensure_ascii=False, indent=2))
        return
    for sentence in explanation.sentences:
        console.print(sentence, markup=False, soft_wrap=True)


async def explained(settings: Settings, contact: ContactId) -> Explanation:
    """Return the explanation of a contact of the running system."""
    async with rooms_of(settings) as rooms:
        return await rooms.routing.explain(contact)


def as_dict(explanation: Explanation) -> dict[str, object]:
    """Return an explanation as plain data."""
    return {
        "contact": explanation.contact,
        "state": explanation.state,
        "place": explanation.place,
        "sentences": list(explanation.sentences),
    }
