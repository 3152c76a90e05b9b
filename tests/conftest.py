"""What every test may use, and how tests are shared out when several processes run them (``make test``)."""

import os

import pytest
import structlog

pytest_plugins = ["tests.fixtures_storage", "tests.fixtures_asterisk", "tests.fixtures_running"]

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
"""As it is without being told, but for traces in colours with every variable, which take seconds each."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something costly: the stories of one system, what reads all our code, or one file.

    Before others do this: xdist reads the groups here, too. What takes long begins first.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _place(_group(item)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Let what only computes step back while, in another process, people wait for a telephone to ring.

    A process tells its stories first and does not go back to them, so what it started for them keeps its priority.
    """
    if "PYTEST_XDIST_WORKER" in os.environ and _group(item) not in _STORIES and os.nice(0) == 0:
        os.nice(3)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests have made (``record_property("table", …)``), also those of other processes."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, table in report.user_properties:
                if name == "table" and report.when == "call":
                    terminalreporter.section(report.nodeid, sep="-")
                    terminalreporter.write_line(str(table))


_STORIES = ("asterisk", "simulator", "simulator on postgresql")
"""Groups that wait most of their time for people and telephones: each is one system. They begin before all others."""

_LONG = ("test_crash_points", "test_proof", "test_dispatch_bench", "test_whatever_happens")
"""Groups, by a part of their name, that take long to compute."""


def _place(group: str) -> int:
    if group in _STORIES:
        return _STORIES.index(group)
    return len(_STORIES) + next((at for at, name in enumerate(_LONG) if name in group), len(_LONG))


def _group(item: pytest.Item) -> str:
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    file = item.location[0]
    return str(parameters.get("system") or ("architecture" if "/architecture/" in file else file))
