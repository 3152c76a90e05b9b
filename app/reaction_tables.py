"""What a table of reactions is, and how several become one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.events import Event

Reaction = Callable[[Any], Awaitable[object]]
Table = Mapping[type[Event], tuple[Reaction, ...]]


def merged(*tables: Table) -> Table:
    """Return the tables as one: what reacts to a fact in several of them reacts in their order."""
    whole: dict[type[Event], tuple[Reaction, ...]] = {}
    for table in tables:
        for kind, functions in table.items():
            whole[kind] = (*whole.get(kind, ()), *functions)
    return whole
