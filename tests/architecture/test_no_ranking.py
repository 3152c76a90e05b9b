"""The system is measured and no person is ranked (N1, R81): no table, column, route, command or figure by agent.

A list of who is logged on, and an agent's own desk, are not figures. What is caught here is a name or a grouping by
which one agent could be set against another.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from storage.schema import metadata
from tests.architecture.tree import PACKAGES, called, calls, files, imports, named, python_files, strings, syntax

AGENT = r"(agents?|handlaggare|handläggare|medarbetare|users?)"
JUDGED = (
    r"(rank(s|ing|ings|ed)?|scores?|scored|rating|ratings|performance|statistics|stats|productivity|leader_?board|"
    r"top_?list|league|compar(e|ison|isons)|average|averages|percentiles?|totals?|handled_count|calls_per|topplista|"
    r"prestation|snitt)"
)
RANKING = re.compile(
    rf"(^|[^a-zåäö]){AGENT}[_/ -]?{JUDGED}([^a-zåäö]|$)|(^|[^a-zåäö]){JUDGED}[_/ -]?(of|by|per|for|each)?[_/ -]?{AGENT}([^a-zåäö]|$)"
    rf"|(^|[^a-zåäö])per[_/ -]{AGENT}([^a-zåäö]|$)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "name",
    [
        "agent_rank",
        "score_per_agent",
        "/api/agents/ranking",
        "agent-statistics",
        "calls_per_agent",
        "performance by agent",
    ],
)
def test_the_net_catches_what_it_is_for(name: str) -> None:
    assert RANKING.search(name)


@pytest.mark.parametrize(
    "name", ["rank", "agent_state", "agents", "agent", "by_agent_leg", "rank_of_contact", "/api/desk/agents"]
)
def test_the_net_lets_other_names_through(name: str) -> None:
    assert not RANKING.search(name)


def test_no_table_or_column_ranks_agents() -> None:
    tables = _every_table()
    names = [f"{table.name}.{column.name}" for table in tables.tables.values() for column in table.columns]
    assert len(names) > 20
    assert not [name for name in names if RANKING.search(name)]


def test_no_route_or_command_tells_figures_by_agent() -> None:
    doors = [(named(file), door) for file in python_files("dashboard", "app", "telephony") for door in _doors(file)]
    assert not [(file, door) for file, door in doors if RANKING.search(door)]


def test_no_measure_has_an_agent_as_its_label() -> None:
    labelled = [
        f"{named(file)}:{call.lineno}"
        for file in python_files(*PACKAGES)
        for call in calls(file)
        if called(call) in {"Counter", "Gauge", "Histogram", "Summary"}
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and re.fullmatch(AGENT + "(_id)?", str(node.value))
    ]
    assert not labelled


def test_no_query_groups_or_orders_by_agent() -> None:
    grouped = [
        f"{named(file)}:{call.lineno}"
        for file in python_files(*PACKAGES)
        for call in calls(file)
        if called(call) == "group_by" and re.search(AGENT, ast.unparse(call), re.IGNORECASE)
    ]
    assert not grouped
    written = [
        f"{named(file)}:{text.lineno}"
        for file in python_files(*PACKAGES)
        for text in strings(file)
        if re.search(r"\bGROUP BY\b[^;]*\b" + AGENT, str(text.value), re.IGNORECASE)
    ]
    assert not written


def test_no_page_shows_agents_side_by_side_with_figures() -> None:
    shown = [
        f"{named(file)}: {found[0]}"
        for file in [
            *files("dashboard/web", ".ts", ".vue"),
            *files("config", ".yaml"),
            *files("deploy", ".json", ".yaml", ".yml"),
        ]
        if (found := RANKING.search(file.read_text("utf-8")))
    ]
    assert not shown


def _every_table() -> MetaData:

    for module in sorted(imports().modules):
        is_store = module.rsplit(".", 1)[-1].endswith("store") or module.startswith("storage.")
        if is_store and ".migrations" not in module:
            importlib.import_module(module)
    return metadata


def _doors(file: Path) -> Iterator[str]:
    """Yield the path of each route and the name of each command that a file declares."""
    for node in ast.walk(syntax(file)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and called(decorator) in {
                "get",
                "post",
                "put",
                "delete",
                "patch",
                "command",
            }:
                yield node.name
                yield from (str(one.value) for one in decorator.args if isinstance(one, ast.Constant))
