"""``kundcenter flow``: check the flows, try them without a telephone, draw them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.configuration import load_configuration
from app.flow_surroundings import surroundings
from app.settings import Settings
from app.system import SystemClock
from core.errors import ConfigurationError
from core.ids import ContactId, LegId
from ivr import graph
from ivr.lint import Finding, Severity, lint
from ivr.model import InquiryName, Phase, Position, Tell, results_of
from ivr.rehearsal import CLOSED, OPEN, Rehearsal, made_up

flow_commands = typer.Typer(no_args_is_help=True, help="What the caller hears and presses.")

SILENCE = "-"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[Path | None, typer.Option("--config", help="Another folder than the one that is used.")]


@flow_commands.callback()
def flow() -> None:
    """Look at the flows. Nothing here changes anything or rings anybody."""


@flow_commands.command("lint")
def lint_flows(
    config: Folder = None,
    as_json: AsJson = False,
    every: Annotated[bool, typer.Option("--all", help="Also what is only worth knowing.")] = False,
) -> None:
    """Find what is wrong with flows and wordings, by file, node and field. Exit 1 when there is an error."""
    findings = find_faults(config or Settings().config_dir)
    if as_json:
        typer.echo(json.dumps([_as_dict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _show(findings, every=every)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)


def find_faults(folder: Path) -> Sequence[Finding]:
    """Return what is wrong with the flows and wordings of a configuration folder."""
    try:
        configuration = load_configuration(folder)
    except ConfigurationError as error:
        return [Finding(Severity.ERROR, "", "", "", fault) for fault in error.faults]
    return lint(configuration.flows, surroundings(configuration, folder))


def _as_dict(finding: Finding) -> dict[str, str]:
    return {
        "severity": finding.severity,
        "file": finding.file,
        "node": finding.node,
        "field": finding.field,
        "text": finding.text,
    }


def _show(findings: Sequence[Finding], *, every: bool) -> None:
    shown = [finding for finding in findings if every or finding.severity is not Severity.INFO]
    for finding in shown:
        typer.echo(str(finding))
    hidden = len(findings) - len(shown)
    more = f"; {hidden} prompts have no recording and will be synthesised (--all names them)" if hidden else ""
    errors = len([finding for finding in findings if finding.severity is Severity.ERROR])
    typer.echo(f"{errors} error{'' if errors == 1 else 's'}, {len(shown) - errors} to think about{more}.")


@flow_commands.command("graph")
def draw(
    config: Folder = None,
    dot: Annotated[bool, typer.Option("--dot", help="For Graphviz instead of Mermaid.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draw all flows."""
    book = load_configuration(config or Settings().config_dir).flows
    if as_json:
        ways = [
            {"from": name, "to": edge.target, "label": edge.label}
            for name, node in book.nodes()
            for edge in graph.edges(book, node)
        ]
        typer.echo(json.dumps(ways, ensure_ascii=False, indent=2))
    else:
        typer.echo(graph.dot(book) if dot else graph.mermaid(book))


@flow_commands.command()
def simulate(
    keys: Annotated[list[str] | None, typer.Argument(help="What the caller presses, one after the other.")] = None,
    config: Folder = None,
    closed: Annotated[bool, typer.Option(help="Outside opening hours.")] = False,
    result: Annotated[
        list[str] | None, typer.Option(help="Let an inquiry have a result, such as verify_code=wrong.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk through the flows as a caller. A lone - is silence. Without keys it asks for them, line by line.

    Nothing stands behind it: whatever the flow asks of the agency goes well, unless --result says otherwise.
    """
    book = load_configuration(config or Settings().config_dir).flows
    answers = {**(CLOSED if closed else OPEN), **_chosen(result or [])}
    now = SystemClock().now()
    position = Position(contact=ContactId("con_rehearsal"), leg=LegId("leg_rehearsal"), arrived_at=now)
    rehearsal = Rehearsal(book, position, made_up(answers))
    if as_json:
        for key in keys or []:
            _press(rehearsal, key)
        typer.echo(json.dumps(_story(rehearsal), ensure_ascii=False, indent=2))
        return
    told = _tell_new(rehearsal, 0)
    for key in keys if keys is not None else _typed(rehearsal):
        if rehearsal.over:
            break
        typer.echo(f"  > {'(silence)' if key == SILENCE else key}")
        _press(rehearsal, key)
        told = _tell_new(rehearsal, told)
    typer.echo(f"  = {_end(rehearsal)}")


def _chosen(results: Sequence[str]) -> Mapping[InquiryName, str]:
    chosen = {}
    for text in results:
        name, _, value = text.partition("=")
        if name not in list(InquiryName) or value not in results_of(InquiryName(name)):
            known = "; ".join(f"{one}: {', '.join(results_of(one))}" for one in InquiryName)
            raise ConfigurationError(f"{text} is not a result. There are {known}")
        chosen[InquiryName(name)] = value
    return chosen


def _press(rehearsal: Rehearsal, key: str) -> None:
    if key == SILENCE:
        rehearsal.silence()
    else:
        rehearsal.press(key)


def _typed(rehearsal: Rehearsal) -> Iterator[str]:
    while not rehearsal.over:
        try:
            text = input("  press: ").strip()
        except EOFError:
            return
        yield text or SILENCE


def _tell_new(rehearsal: Rehearsal, told: int) -> int:
    for utterance in rehearsal.heard[told:]:
        typer.echo(f"{'    (slowly) ' if utterance.slow else '    '}{utterance.text}")
    return len(rehearsal.heard)


def _end(rehearsal: Rehearsal) -> str:
    position = rehearsal.position
    ends = {Phase.ENDED: "the call is over", Phase.WAITING: f"the caller waits in the line {position.queue}"}
    return ends.get(position.phase, f"the caller is at {position.node}")


def _story(rehearsal: Rehearsal) -> dict[str, Any]:
    position = rehearsal.position
    return {
        "heard": [utterance.text for utterance in rehearsal.heard],
        "told": [{"what": one.what, "kind": one.kind} for one in rehearsal.actions if isinstance(one, Tell)],
        "node": position.node,
        "phase": position.phase,
        "language": position.language,
        "queue": position.queue,
        "path": list(position.path),
    }
