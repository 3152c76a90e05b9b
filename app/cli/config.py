"""``kundcenter config``: check what operators edit, and print the schemas that editors use."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.configuration import SCHEMAS, Configuration, load_configuration, times_lacking
from app.configuration_checks import tables_to_add
from app.flow_surroundings import refuse_traps
from app.settings import Settings
from app.system import SystemClock
from core.clock import STOCKHOLM
from core.errors import ConfigurationError
from skills_routing.rules.starvation import bounds, bounds_in_words

config_commands = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[Path | None, typer.Option("--config", help="Another folder than the one that is used.")]


@config_commands.command()
def check(config: Folder = None, as_json: AsJson = False) -> None:
    """Read the whole configuration folder; name every file, place and fault. Exit 1 when it cannot be used.

    Also tells by how much anybody in the line can be passed, and warns: which benefits soon lack their payment days, and in
    which queues callers can choose no time to be rung at. A folder can be used without.
    """
    folder = config or Settings().config_dir
    try:
        loaded = load_configuration(folder)
        refuse_traps(loaded, folder)
    except ConfigurationError as error:
        _tell_faults(error.faults, as_json=as_json)
        raise typer.Exit(1) from None
    now = SystemClock().now()
    warnings = (
        *tables_to_add(loaded.catalogue, loaded.calendar, on=now.astimezone(STOCKHOLM).date()),
        *times_lacking(loaded, now=now),
    )
    if as_json:
        told = {"ok": True, **_figures(loaded), "bounds": _bounds(loaded), "warnings": warnings}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, figure in _figures(loaded).items():
        typer.echo(f"{name:<14} {figure}")
    for sentence in bounds_in_words(loaded.routing.queues.values(), behind=loaded.routing.written_behind):
        typer.echo(sentence)
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    typer.echo("The configuration can be used.")


class Edited(StrEnum):
    """The files that have a schema."""

    FLOW = "flow"
    CALLBACKS = "callbacks"
    OFFICES = "offices"
    MEETING_TYPES = "meeting_types"
    MEETINGS = "meetings"


Of = Annotated[Edited, typer.Argument(help="flow: each file in flows/; the others: the file of that name.")]


@config_commands.command()
def schema(of: Of = Edited.FLOW, _as_json: AsJson = True) -> None:
    """Print the JSON Schema of a kind of file; editors check and complete with it while one writes."""
    typer.echo(json.dumps(SCHEMAS[of](), ensure_ascii=False, indent=2))


def _tell_faults(faults: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"ok": False, "faults": list(faults)}, ensure_ascii=False))
        return
    for fault in faults:
        typer.echo(fault)
    many = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    typer.echo(f"{many}. Nothing of it is used until this is mended; what was in use stays.")


def _bounds(loaded: Configuration) -> list[dict[str, Any]]:
    return [
        {"waiting": one.waiting, "passing": one.passing, "seconds": one.seconds, "reason": one.reason or "always"}
        for one in bounds(loaded.routing.queues.values())
    ]


def _figures(loaded: Configuration) -> dict[str, Any]:
    return {
        "version": loaded.version,
        "entry points": len(loaded.entry_points),
        "flows": len(loaded.flows.flows),
        "languages": len(loaded.wordings.texts),
        "queues": len(loaded.routing.queues),
        "skills": len(loaded.routing.skills),
        "benefits": len(loaded.catalogue.benefits),
        "agents": len(loaded.agents),
        "demo persons": len(loaded.persons),
        "segments": len(loaded.segments),
        "offices": len(loaded.meetings.offices),
        "meeting types": len(loaded.meetings.types),
    }
