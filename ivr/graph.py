"""A flow as a drawing: what leads where, and how far a human is. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from ivr.flow import (
    AskDigits,
    Branch,
    Callback,
    End,
    FlowBook,
    Human,
    Inquire,
    Menu,
    Node,
    Return,
    SayNode,
    SubFlow,
    Times,
)


@dataclass(frozen=True)
class Edge:
    """One way from a node: ``label`` is the key, the result, or empty; ``field`` is where the file says so."""

    label: str
    target: str
    field: str


def edges(book: FlowBook, node: Node) -> tuple[Edge, ...]:
    """Return every way that a node itself names, without the keys that mean the same everywhere."""
    match node:
        case SayNode():
            return (Edge("", node.next, "next"),)
        case Menu() | Times():
            times = (Edge("a time", node.next, "next"),) if isinstance(node, Times) else ()
            return (*times, *_choices(node), *_otherwise(node.otherwise))
        case AskDigits():
            return (*_results(node.results), *_otherwise(node.otherwise))
        case Inquire() | Callback():
            return tuple(_results(node.results))
        case Human():
            away = (Edge("1", node.meanwhile, "meanwhile"),) if node.meanwhile else ()
            return (Edge("closed", node.closed.next, "closed.next"), *away)
        case SubFlow():
            inner = book.flows[node.flow].start if node.flow in book.flows else f"{node.flow}/?"
            return (Edge("", inner, "flow"), *_results(node.results))
        case Return() | End():
            return ()


def _choices(node: Menu | Times) -> Iterator[Edge]:
    for number, choice in enumerate(node.choices):
        yield Edge(choice.key, choice.next, f"choices.{number}.next")


def _otherwise(target: str) -> tuple[Edge, ...]:
    return (Edge("silence", target, "otherwise"),) if target else ()


def _results(results: Mapping[str, Branch]) -> Iterator[Edge]:
    for result, branch in results.items():
        yield Edge(result, branch.next, f"results.{result}.next")
        if branch.again:
            yield Edge("9", branch.again, f"results.{result}.again")


def takes_keys(node: Node) -> bool:
    """Tell whether the caller can press keys at this node, and so ``0`` for a human."""
    return isinstance(node, Menu | Times | AskDigits)


def reachable(book: FlowBook) -> set[str]:
    """Return the nodes that a call can come to."""
    found: set[str] = set()
    waiting = [book.start, book.rung_start, book.machine, book.start_of(book.direct)]
    while waiting:
        name = waiting.pop()
        node = book.find(name)
        if node is None or name in found:
            continue
        found.add(name)
        waiting.extend(edge.target for edge in edges(book, node))
        waiting.append(book.flow_of(name).human)
    return found


def with_exit(book: FlowBook) -> set[str]:
    """Return the nodes from which a call can end or come to a human by what the flow itself says."""
    found = {name for name, node in book.nodes() if isinstance(node, End | Human | Return)}
    grew = True
    while grew:
        more = {
            name
            for name, node in book.nodes()
            if name not in found and any(edge.target in found for edge in edges(book, node))
        }
        found |= more
        grew = bool(more)
    return found


def choices_to_human(book: FlowBook) -> Mapping[str, float]:
    """Return for each node how many choices of the caller a human is away, whatever the system answers on the way.

    ``0`` counts as one choice. A call that the flow ends is as good as at its goal.
    """
    away = {name: 0.0 if isinstance(node, Human | End) else inf for name, node in book.nodes()}
    for _ in range(len(away) + 1):
        now = {name: _away(book, name, node, away) for name, node in book.nodes()}
        if now == away:
            break
        away = now
    return away


def _away(book: FlowBook, name: str, node: Node, away: Mapping[str, float]) -> float:
    def at(target: str) -> float:
        return away.get(target, inf)

    by_zero = 1 + at(book.flow_of(name).human)
    match node:
        case Menu() | Times():
            return min([by_zero, *(1 + at(choice.next) for choice in node.choices)])
        case AskDigits():
            return by_zero
        case Inquire() | Callback():
            return _worst(
                min(by_zero, at(branch.next)) if branch.answer else at(branch.next) for branch in node.results.values()
            )
        case _:
            return _away_unasked(book, name, node, away)


def _away_unasked(book: FlowBook, name: str, node: Node, away: Mapping[str, float]) -> float:
    match node:
        case SayNode():
            return away.get(node.next, inf)
        case SubFlow():
            return away.get(book.flows[node.flow].start, inf) if node.flow in book.flows else inf
        case Return():
            return _worst(away.get(branch.next, inf) for branch in returns_to(book, name, node))
        case _:
            return 0.0


def _worst(distances: Iterable[float]) -> float:
    return max(distances, default=inf)


def returns_to(book: FlowBook, name: str, node: Return) -> Iterator[Branch]:
    """Return what may follow when a sub-flow comes back from this node of its own."""
    flow = name.partition("/")[0]
    for _name, caller in book.nodes():
        if isinstance(caller, SubFlow) and caller.flow == flow and node.result in caller.results:
            yield caller.results[node.result]


# --- drawings -------------------------------------------------------------------------------------------------------


_SHAPES: Mapping[type, tuple[str, str]] = {
    Menu: ("{{", "}}"),
    Times: ("{{", "}}"),
    AskDigits: ("[/", "/]"),
    Inquire: ("{", "}"),
    Human: ("([", "])"),
    Callback: ("[[", "]]"),
    End: ("((", "))"),
}


def mermaid(book: FlowBook) -> str:
    """Draw all flows as a Mermaid flowchart, one box per flow."""
    lines = ["flowchart TD"]
    for flow in book.flows.values():
        lines.append(f"  subgraph {flow.name}")
        for name, node in flow.nodes.items():
            opening, closing = _SHAPES.get(type(node), ("[", "]"))
            lines.append(f'    {_id(name)}{opening}"{name.partition("/")[2]}"{closing}')
        lines.append("  end")
    for name, edge in _all_edges(book):
        label = f'|"{edge.label}"|' if edge.label else ""
        lines.append(f"  {_id(name)} -->{label} {_id(edge.target)}")
    return "\n".join(lines)


def dot(book: FlowBook) -> str:
    """Draw all flows for Graphviz."""
    lines = ["digraph flows {", "  rankdir=TB; node [shape=box];"]
    lines += [f'  "{name}" -> "{edge.target}" [label="{edge.label}"];' for name, edge in _all_edges(book)]
    return "\n".join([*lines, "}"])


def _all_edges(book: FlowBook) -> Iterator[tuple[str, Edge]]:
    for name, node in book.nodes():
        for edge in edges(book, node):
            yield name, edge


def _id(name: str) -> str:
    return name.replace("/", "__")
