"""``kundcenter config``: check what operators edit, and print the schemas that editors use."""

import json
from typing import Annotated, Any

import typer

from app.configuration import Configuration, load_configuration
from app.settings import Settings
from core.errors import ConfigurationError
from ivr.flow_file import schema as flow_schema

config_commands = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@config_commands.command()
def check(as_json: AsJson = False) -> None:
    """Read the whole configuration folder; name file, field and fault of the first thing that cannot be used."""
    folder = Settings().config_dir
    try:
        told = _figures(load_configuration(folder))
    except ConfigurationError as error:
        if as_json:
            typer.echo(json.dumps({"ok": False, "fault": str(error)}, ensure_ascii=False))
            raise typer.Exit(1) from None
        raise
    if as_json:
        typer.echo(json.dumps({"ok": True, **told}, ensure_ascii=False))
        return
    for name, figure in told.items():
        typer.echo(f"{name:<14} {figure}")
    typer.echo("The configuration can be used.")


@config_commands.command()
def schema(_as_json: AsJson = True) -> None:
    """Print the JSON Schema of flow files; editors check and complete with it while one writes."""
    typer.echo(json.dumps(flow_schema(), ensure_ascii=False, indent=2))


def _figures(loaded: Configuration) -> dict[str, Any]:
    return {
        "entry points": len(loaded.entry_points),
        "flows": len(loaded.flows.flows),
        "languages": len(loaded.wordings.texts),
        "queues": len(loaded.routing.queues),
        "skills": len(loaded.routing.skills),
        "benefits": len(loaded.catalogue.benefits),
        "agents": len(loaded.agents),
        "demo persons": len(loaded.persons),
        "segments": len(loaded.segments),
    }
