"""Finds what is wrong with flows and wordings before a caller does. Pure."""

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.language import Language
from ivr import graph, wording_lint
from ivr.flow import AskDigits, Callback, FlowBook, Human, Inquire, Menu, Node, Return, SubFlow, Times, Want
from ivr.menus import NEXT_PAGE, TIMES_A_PAGE
from ivr.model import EXHAUSTED, RESULTS, TRY_AGAIN, InquiryName, results_of
from ivr.sent_away import sent_away_by_silence

MOST_CHOICES_TO_HUMAN = 2
MOST_CHOICES = 7


class Severity(StrEnum):
    """How bad a finding is; only an error stops."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True)
class Finding:
    """What was found: the file, the node and the field, and what is wrong, in plain words."""

    severity: Severity
    file: str
    node: str
    field: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.severity, self.file, self.node, self.field, self.text) if part)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What else is configured. ``unserved`` says of each queue in which languages no agent can serve it, and what is
    lacking, in words; ``opens`` whether any number of ours ever opens."""

    unserved: Mapping[str, Mapping[Language, str]] | None = None
    unserved_with: Callable[[str, Collection[Want]], Mapping[Language, str]] | None = None
    """Says the same of a queue for callers who need more besides."""
    entry_points: Mapping[str, Collection[Want]] = dataclasses.field(default_factory=dict)
    """What those need who ring each of our numbers."""
    opens: bool = True
    benefits: Collection[str] = ()
    recordings: Collection[tuple[Language, str]] | None = None


def lint(book: FlowBook, around: Surroundings | None = None) -> tuple[Finding, ...]:
    """Return everything that was found, the worst first."""
    around = around or Surroundings()
    found = [
        *_targets(book),
        *_shapes(book),
        *_ways(book),
        *_queues(book, around),
        *_wanted(book, around),
        *_benefits(book, around),
        *(Finding(Severity(kind), *rest) for kind, *rest in wording_lint.check(book, around.recordings)),
    ]
    order = list(Severity)
    return tuple(sorted(set(found), key=lambda one: (order.index(one.severity), one)))


def _error(book: FlowBook, name: str, field: str, text: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(severity, book.flow_of(name).file, name, field, text)


def _targets(book: FlowBook) -> Iterator[Finding]:
    for flow in book.flows.values():
        for field, target in (("start", flow.start), ("human", flow.human)):
            if book.find(target) is None:
                yield Finding(Severity.ERROR, flow.file, "", field, f"there is no node {target}")
        human = book.find(flow.human)
        if human is not None and not isinstance(human, Human):
            yield Finding(Severity.ERROR, flow.file, "", "human", f"0 leads to {flow.human}, where no human is")
    for name, node in book.nodes():
        for edge in graph.edges(book, node):
            if book.find(edge.target) is None:
                yield _error(book, name, edge.field, f"there is no node {edge.target}")


def _shapes(book: FlowBook) -> Iterator[Finding]:
    for name, node in book.nodes():
        match node:
            case Menu() | Times():
                yield from _menu(book, name, node)
            case AskDigits() | Inquire() | Callback():
                yield from _results(book, name, node)
            case SubFlow():
                yield from _sub_flow(book, name, node)
            case _:
                pass


OF_TIMES = frozenset({*(str(number) for number in range(1, TIMES_A_PAGE + 1)), NEXT_PAGE})


def _menu(book: FlowBook, name: str, node: Menu | Times) -> Iterator[Finding]:
    if isinstance(node, Menu) and not node.choices:
        yield _error(book, name, "choices", "a menu without choices")
    if isinstance(node, Menu) and node.once and not node.otherwise:
        yield _error(book, name, "once", "the first silence leads nowhere: say otherwise")
    if isinstance(node, Times) and OF_TIMES.intersection(choice.key for choice in node.choices):
        yield _error(book, name, "choices", "the keys 1 to 4 and 7 are for the times")
    for language in Language:
        shown = [choice for choice in node.choices if choice.only in (None, language)]
        keys = [choice.key for choice in shown]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield _error(book, name, "choices", f"key {key} is there twice in {language}")
        if len([choice for choice in shown if choice.language is None]) > MOST_CHOICES:
            yield _error(book, name, "choices", "so many choices nobody keeps in mind", Severity.WARNING)


def _results(book: FlowBook, name: str, node: AskDigits | Inquire | Callback) -> Iterator[Finding]:
    inquiry = InquiryName.PROMISE_CALLBACK if isinstance(node, Callback) else node.inquiry
    wanted = set(RESULTS[inquiry])
    if isinstance(node, AskDigits):
        wanted |= {EXHAUSTED} if wanted & TRY_AGAIN else set()
        if node.least > node.most:
            yield _error(book, name, "least", "more digits are needed than can be pressed")
    for missing in sorted(wanted - set(node.results)):
        yield _error(book, name, f"results.{missing}", "a dead end: nothing follows this result")
    for unknown in sorted(set(node.results) - wanted - set(results_of(inquiry))):
        yield _error(book, name, f"results.{unknown}", f"{inquiry} never has this result")


def _sub_flow(book: FlowBook, name: str, node: SubFlow) -> Iterator[Finding]:
    if node.flow not in book.flows:
        return
    returned = {inner.result for inner in book.flows[node.flow].nodes.values() if isinstance(inner, Return)}
    for missing in sorted(returned - set(node.results)):
        yield _error(book, name, f"results.{missing}", "a dead end: nothing follows this result")
    for unknown in sorted(set(node.results) - returned):
        yield _error(book, name, f"results.{unknown}", f"the flow {node.flow} never returns this")


def _ways(book: FlowBook) -> Iterator[Finding]:
    reached, with_exit, away = graph.reachable(book), graph.with_exit(book), graph.choices_to_human(book)
    for name, _node in book.nodes():
        if name not in reached:
            yield _error(book, name, "", "no call can come here")
        elif name not in with_exit:
            yield _error(book, name, "", "a loop without an exit: from here a call neither ends nor comes to a human")
        elif away[name] > MOST_CHOICES_TO_HUMAN:
            yield _error(book, name, "", "a human is more than two choices away (R11)")
    for name in sorted(sent_away_by_silence(book)):
        text = "silence ends a call that has brought no answer: leave it out, and a human helps"
        yield _error(book, name, "otherwise", text)


def _queues(book: FlowBook, around: Surroundings) -> Iterator[Finding]:
    if around.unserved is None:
        return
    if not around.opens:  # then it is not for want of skills that nobody is served
        text = "no number opens within a year, so no agent ever serves a caller: give one of them hours"
        yield Finding(Severity.ERROR, "config/opening_hours.yaml", "", "entry_points", text)
    named = [(name, field, queue) for name, node in book.nodes() for field, queue in _queues_of(node)]
    for name, field, queue in named:
        if queue not in around.unserved:
            yield _error(book, name, field, f"there is no queue {queue}")
    if around.opens:
        yield from _unserved(book, around.unserved, named)


def _unserved(
    book: FlowBook, unserved: Mapping[str, Mapping[Language, str]], named: Collection[tuple[str, str, str]]
) -> Iterator[Finding]:
    """Once for each queue and language: where the queue is chosen, or in the file of queues when no flow names it."""
    for queue, languages in unserved.items():
        places = [(book.flow_of(name).file, name, field) for name, field, one in named if one == queue]
        for language in sorted(_languages(book) & languages.keys()):
            for place in places or [("config/queues.yaml", "", queue)]:
                text = f"no agent can serve the queue {queue} in {language}: {languages[language]}"
                yield Finding(Severity.ERROR, *place, text)


def _wanted(book: FlowBook, around: Surroundings) -> Iterator[Finding]:
    """Callers whom no agent can serve for what they need besides their queue: by the number they ring, and by a choice."""
    if around.unserved_with is None or around.unserved is None or not around.opens:
        return
    queues = sorted(
        {queue for _name, node in book.nodes() for _field, queue in _queues_of(node)} & around.unserved.keys()
    )
    places = [
        (("config/opening_hours.yaml", "", f"{entry}: needs"), queue, wants)
        for entry, wants in around.entry_points.items()
        for queue in queues
        if wants
    ]
    for name, field_, queue, wants in _wants_of(book):
        for entry in around.entry_points.values() or [()]:
            places.append(((book.flow_of(name).file, name, field_), queue, [*wants, *entry]))
    for place, queue, wants in places:
        if queue not in around.unserved:
            continue
        lacking = around.unserved_with(queue, wants)
        for language in sorted(_languages(book) & (lacking.keys() - around.unserved[queue].keys())):
            text = f"no agent can serve the queue {queue} in {language} for this: {lacking[language]}"
            yield Finding(Severity.ERROR, *place, text)


def _wants_of(book: FlowBook) -> Iterator[tuple[str, str, str, Collection[Want]]]:
    """Return the node, the field, the queue and the wants of each place in the flows that has any."""
    for name, node in book.nodes():
        human = book.find(book.flow_of(name).human)
        usual = human.queue if isinstance(human, Human) else ""
        match node:
            case Human() if node.wants:
                yield name, "needs", node.queue, node.wants
            case Menu() | Times():
                for number, choice in enumerate(node.choices):
                    if choice.wants:
                        yield name, f"choices.{number}.needs", choice.queue or usual, choice.wants
            case _:
                pass


def _languages(book: FlowBook) -> set[Language]:
    """Every language that a caller can be in: the first one, and those that a choice switches to."""
    choices = [choice for _name, node in book.nodes() if isinstance(node, Menu | Times) for choice in node.choices]
    return {Language.SWEDISH, *(choice.language for choice in choices if choice.language is not None)}


def _queues_of(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case Human():
            yield "queue", node.queue
        case Menu() | Times():
            for number, choice in enumerate(node.choices):
                if choice.queue:
                    yield f"choices.{number}.queue", choice.queue
        case _:
            return


def _benefits(book: FlowBook, around: Surroundings) -> Iterator[Finding]:
    offered = {choice.benefit for _name, node in book.nodes() if isinstance(node, Menu) for choice in node.choices}
    for benefit in sorted(set(around.benefits) - offered):
        yield Finding(Severity.WARNING, "", "", benefit, "no menu leads to this benefit (R4)")
