"""The ``kundcenter`` command. Each process of the system is one subcommand; the rest looks, checks and explains."""

import asyncio
import gc
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from app.cli.callbacks import callback_commands
from app.cli.config import config_commands
from app.cli.database import database_commands
from app.cli.flow import flow_commands
from app.cli.ledger import ledger_commands
from app.cli.looking import unreachable
from app.cli.meetings import meeting_commands
from app.cli.notices import emergency_commands, spare_message_commands
from app.cli.phone import phone
from app.cli.routing import routing_commands
from app.cli.sms import sms_commands
from app.cli.webhooks import webhook_commands
from app.logs import log_what_ends_the_process, set_up_logs
from app.safety import complete
from app.settings import Settings
from core.errors import KundcenterError, UnavailableError

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kundcenter: one number, and everyone gets through.",
)
commands.add_typer(config_commands, name="config", help="Check what operators edit.")
commands.add_typer(database_commands, name="db", help="The SQL database.")
commands.add_typer(flow_commands, name="flow", help="What the caller hears and presses.")
commands.add_typer(routing_commands, name="routing", help="Which agent gets which contact, and why.")
commands.add_typer(ledger_commands, name="ledger", help="Every contact and its one outcome.")
commands.add_typer(callback_commands, name="callbacks", help="Promises to ring back.")
commands.add_typer(meeting_commands, name="meetings", help="Booked office meetings.")
commands.add_typer(sms_commands, name="sms", help="Texts to citizens and from them.")
commands.add_typer(webhook_commands, name="webhooks", help="What other systems are told.")
commands.add_typer(
    emergency_commands, name="emergency", help="What every new caller hears first, when it must be said."
)
commands.add_typer(spare_message_commands, name="spare-message", help="What callers hear before they wait in a queue.")
commands.command(name="phone")(phone)

console = Console(highlight=False)
_Process = Callable[[Settings], Coroutine[Any, Any, None]]


@commands.command()
def run(
    demo: Annotated[bool, typer.Option(help="Demo persons, demo agents, telephones in the browser.")] = False,
) -> None:
    """Run the whole system on this machine, until Ctrl-C."""
    from app.demo import welcome
    from app.last_good import configuration_to_start_with
    from app.supervisor import run as supervise

    settings = complete(Settings(demo=True) if demo else Settings())
    set_up_logs("run", "WARNING", secrets=settings.secrets)

    def say(line: str) -> None:
        console.print(line, markup=False, soft_wrap=True)

    configuration = configuration_to_start_with(settings)  # tells what is wrong before anything is started
    asyncio.run(supervise(settings, say, welcome=welcome(settings, configuration) if settings.demo else ""))


@commands.command()
def web() -> None:
    """Serve the pages and the API."""
    from app.web import serve

    _run_process("web", serve)


@commands.command()
def switch() -> None:
    """Drive the telephone switch: what callers hear, and who is connected to whom."""
    from app.controller import control

    _run_process("switch", control)


@commands.command()
def asterisk() -> None:
    """Keep the telephone switch itself up: its configuration, its sounds and its safety net. One for the whole system."""
    from app.switch_process import keep_asterisk

    _run_process("asterisk", keep_asterisk)


@commands.command()
def worker() -> None:
    """Do what has been woken up."""
    from app.worker import work

    _run_process("worker", work)


@commands.command()
def sweeper() -> None:
    """Find what is late or was left half done, and see to it."""
    from app.sweeper import sweep

    _run_process("sweeper", sweep)


@commands.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Look at everything that is needed; name what is wrong, and the fix."""
    from app.doctor import examine

    findings = asyncio.run(examine())
    if as_json:
        typer.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            console.print(f"{finding.sign}  {finding.what}: {finding.state}", markup=False)
            if finding.fix and not finding.ok:
                console.print(f"     fix: {finding.fix}", markup=False)
    if any(not finding.ok for finding in findings):
        raise typer.Exit(1)


def _run_process(name: str, process: _Process) -> None:
    settings = complete(Settings())
    set_up_logs(name, settings.log_level, secrets=settings.secrets)
    log_what_ends_the_process()
    _look_for_garbage_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # a third less work per call than asyncio's own
        runner.run(process(settings))


def _look_for_garbage_seldom() -> None:
    """Spare a busy process an eighth of its work: what has been imported is never garbage, and cycles are rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def cli() -> None:
    """Run the command; an error of ours is told as a sentence, without a trace, and logs stay out of what it prints."""
    set_up_logs("command", "WARNING")
    try:
        commands()
    except KundcenterError as error:
        words = unreachable(error) if isinstance(error, UnavailableError) else f"{error}"
        Console(stderr=True, highlight=False).print(words, markup=False, soft_wrap=True)
        raise SystemExit(2) from None
