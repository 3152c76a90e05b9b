"""What a demo has that a real one has not: invented persons with codes, an open line at any hour, a page that says so."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from app.configuration import Configuration
from app.settings import Settings, SwitchKind
from cases.demo_persons import DemoPerson
from core.phone import grouped, parse_phone
from dashboard.views import DemoPersonView, DemoView
from identity.personnummer import parse
from identity.service import Identity


def as_demo(configuration: Configuration) -> Configuration:
    """Return the configuration with every entry point open at all hours, so that a visitor at night meets an agent."""
    return replace(
        configuration,
        entry_points=tuple(
            replace(point, hours=replace(point.hours, always_open=True)) for point in configuration.entry_points
        ),
    )


async def give_codes(identity: Identity, persons: Sequence[DemoPerson], *, today: date, folder: Path) -> None:
    """Give every invented person the code that the page shows, once per list of persons (a hash of it is kept)."""
    given = hashlib.sha256(repr([(one.subject, one.personnummer, one.code) for one in persons]).encode()).hexdigest()
    mark = folder / "demo-codes"
    if mark.exists() and mark.read_text() == given:
        return
    numbers = [identity.person_id(parse(one.personnummer, on=today)) for one in persons]
    await asyncio.gather(  # each takes its time on purpose, on whichever core is free
        *(identity.set_code(person=number, code=one.code) for number, one in zip(numbers, persons, strict=True))
    )
    mark.write_text(given)


def about(settings: Settings, configuration: Configuration) -> DemoView:
    """Return what the page of the demo shows."""
    return DemoView(
        demo=True,
        national_number=_shown(settings),
        sound=settings.switch is SwitchKind.ASTERISK,
        persons=[
            DemoPersonView(name=one.name, personnummer=one.personnummer, code=one.code, about=one.about)
            for one in configuration.persons
        ],
    )


def welcome(settings: Settings, configuration: Configuration) -> str:
    """Return what ``make run`` prints when everything is up."""
    agents = ", ".join(agent.id for agent in configuration.agents)
    lines = [
        "",
        f"  Kundcenter is ready:  {settings.base_url}",
        f"    telephone           {settings.base_url}/phone    press the green button: {_shown(settings)}",
        f"    agent's desk        {settings.base_url}/desk     log in as one of {agents}",
        f"    password            {settings.demo_password.get_secret_value()}",
    ]
    if settings.switch is SwitchKind.ASTERISK:
        lines.append(f"    any SIP phone       sip:{settings.national_number}@127.0.0.1:{settings.sip_port}")
    return "\n".join([*lines, "", "  Ctrl-C stops it."])


def _shown(settings: Settings) -> str:
    number = parse_phone(settings.national_number)
    return grouped(number) if number else settings.national_number
