"""One Asterisk with our system beside it, whose agents are also the members of a queue of its own (app_queue)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.desks.agents import RobotAgent
from benchmarks.desks.late_cable import LateCable
from benchmarks.desks.phones import QuietPhone
from tests.asterisk import TestSwitch, start_asterisk
from tests.running import System

APP_QUEUE = "0846500499"
QUEUES = """[general]
persistentmembers = no
autofill = yes
shared_lastcall = no

[bench]
strategy = leastrecent
autofill = yes
timeout = 20
; The least that is taken as it is: 0 counts as 5.
retry = 1
wrapuptime = 0
memberdelay = 0
ringinuse = no
autopause = no
joinempty = yes
leavewhenempty = no
announce-frequency = 0
announce-position = no
announce-holdtime = no
periodic-announce-frequency = 0
reportholdtime = no
"""
DIALPLAN = f"""
[entry](+)
exten => {APP_QUEUE},1,Answer()
 same => n,Queue(bench)
 same => n,Hangup()
"""
LINE = """
[agent-{name}](desk)
context = nowhere
aors = agent-{name}

[agent-{name}]
type = aor
contact = sip:agent-{name}@127.0.0.1:{port}
"""


@dataclass
class Installation:
    """All of it, running."""

    switch: TestSwitch
    system: System
    cable: LateCable
    agents: list[RobotAgent]

    @property
    def sip(self) -> tuple[str, int]:
        """Where the switch is rung."""
        return ("127.0.0.1", self.switch.settings.sip_port)


async def robots(how_many: int, *, talk: tuple[float, float]) -> list[RobotAgent]:
    """Return so many agents who talk for so long, from and to, in seconds. Not one is there yet."""
    return [
        RobotAgent(f"agent{number:02d}", await QuietPhone.open(), talk=talk, seed=number)  # type: ignore[arg-type]
        for number in range(how_many)
    ]


@asynccontextmanager
async def installed(folder: Path, agents: list[RobotAgent], *, trunk_port: int = 0) -> AsyncIterator[Installation]:
    """Start everything in this folder, with every agent at work; stop it in the end.

    Whom we ring is at ``trunk_port`` of this machine; without one nobody is.
    """
    password = {name: secrets.token_urlsafe(24) for name in ("ari_password", "ami_password")}
    async with AsyncExitStack() as stack:
        for agent in agents:
            stack.push_async_callback(agent.phone.close)
        switch = await _switch(folder / "asterisk", agents, password, trunk_port)
        stack.push_async_callback(switch.process.stop)
        settings = switch.settings
        cable = await stack.enter_async_context(LateCable(settings.http_port))
        system = System(
            "asterisk", folder, KC_ARI_URL=f"http://127.0.0.1:{cable.port}", KC_ARI_PORT=str(settings.http_port),
            KC_SIP_PORT=str(settings.sip_port), KC_AMI_PORT=str(settings.ami_port), KC_LOG_LEVEL="WARNING",
            **{f"KC_{name.upper()}": value for name, value in password.items()},
        )  # fmt: skip
        _employ(system.config, agents)
        stack.push_async_callback(asyncio.to_thread, system.stop)
        await asyncio.to_thread(system.start)
        for agent in agents:
            await stack.enter_async_context(agent)
            await agent.sit_down(system.url)
        yield Installation(switch, system, cable, agents)


async def _switch(folder: Path, agents: Sequence[RobotAgent], password: dict[str, str], trunk_port: int) -> TestSwitch:
    members = [f"member => PJSIP/agent-{agent.name}\n" for agent in agents]
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "queues.conf").write_text("".join([QUEUES, *members]))
    (folder / "etc" / "queuerules.conf").write_text("")
    lines = [LINE.format(name=agent.name, port=agent.phone.port) for agent in agents]
    trunk = f"sip:127.0.0.1:{trunk_port}" if trunk_port else ""
    return await start_asterisk(
        folder, extra_dialplan=DIALPLAN, extra_pjsip="".join(lines), extra_modules=("app_queue.so",), trunk_contact=trunk,
        **password,
    )  # fmt: skip


def _employ(config: Path, agents: Sequence[RobotAgent]) -> None:
    """Make these the only agents, and lead callers straight into the line, as Queue() does: no menu is measured here."""
    rows = [
        f"  - {{id: {one.name}, name: {one.name}, skills: {{allmant: 3, sjuk: 3, svenska: 5}}}}\n" for one in agents
    ]
    (config / "demo" / "agents.yaml").write_text("".join(["agents:\n", *rows]))
    rows = [f"  - {{id: {one.name}, name: {one.name}, roles: [agent]}}\n" for one in agents]
    (config / "demo" / "users.yaml").write_text("".join(["users:\n", *rows]))
    main = config / "flows" / "main.yaml"
    text = main.read_text("utf-8")
    menu = "open: {next: menu}"
    assert menu in text, "the first menu is elsewhere now"
    main.write_text(text.replace(menu, "open: {next: talk/anyone}", 1), "utf-8")
