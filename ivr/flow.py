"""What a flow is: named nodes, and what follows each of them. Pure; read from YAML by ``flow_file``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.language import Language
from ivr.model import InquiryName
from ivr.wording import Wordings


class NodeKind(StrEnum):
    """The kinds of node that a flow file may have."""

    SAY = "say"
    MENU = "menu"
    BENEFIT_MENU = "benefit_menu"
    ASK_DIGITS = "ask_digits"
    TIMES = "times"
    INQUIRE = "inquire"
    HOURS = "hours"
    HUMAN = "human"
    CALLBACK = "callback"
    FLOW = "flow"
    RETURN = "return"
    END = "end"


@dataclass(frozen=True)
class Branch:
    """What follows a result: what is said, and the next node. ``answer`` names the kind of answer that this is;
    ``again`` is where ``9`` leads afterwards, instead of to all of it once more."""

    next: str
    say: tuple[str, ...] = ()
    answer: str = ""
    again: str = ""


@dataclass(frozen=True, order=True)
class Want:
    """What a caller who comes by here needs of an agent besides the queue: a skill of ``skills.yaml`` at a level from 1
    to 5; ``preferred`` is asked for at first, and not needed."""

    skill: str
    level: int = 1
    preferred: bool = False

    def __str__(self) -> str:
        return f"{'?' if self.preferred else ''}{self.skill}:{self.level}"


def needed_skills(wants: Iterable[str]) -> frozenset[str]:
    """Return the skills of these wants, as they are written, without those that are only preferred."""
    return frozenset(want.partition(":")[0] for want in wants if not want.startswith("?"))


@dataclass(frozen=True, kw_only=True)
class SayNode:
    """Say something and go on."""

    say: tuple[str, ...]
    next: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a menu. ``language`` switches to it (and the choice is said in it); ``only`` shows it in one.
    ``soonest`` asks to be rung back when it is one's turn, and lets go of a time that was chosen. ``wants`` is what the
    caller needs of an agent from then on, until another choice names a queue or needs of its own."""

    key: str
    say: str
    next: str
    benefit: str = ""
    queue: str = ""
    language: Language | None = None
    only: Language | None = None
    soonest: bool = False
    wants: tuple[Want, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Menu:
    """Let the caller choose. ``otherwise`` is where three silences lead: a human unless it says else. Wrong keys lead to a human.
    ``once``: the first silence leads there, as it says all that there is to say."""

    say: tuple[str, ...]
    choices: tuple[Choice, ...]
    then_say: tuple[str, ...] = ()
    otherwise: str = ""
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Times:
    """Let the caller choose one of the times that were found, a page at a time; ``choices`` are there besides."""

    say: tuple[str, ...]
    next: str
    choices: tuple[Choice, ...] = ()
    otherwise: str = ""


@dataclass(frozen=True, kw_only=True)
class AskDigits:
    """Take digits and have an inquiry made of them; ``attempts`` counts through the whole call."""

    say: tuple[str, ...]
    inquiry: InquiryName
    least: int
    most: int
    results: Mapping[str, Branch]
    attempts: int = 3
    otherwise: str = ""


@dataclass(frozen=True, kw_only=True)
class Inquire:
    """Have something found out, and go on by the result."""

    inquiry: InquiryName
    results: Mapping[str, Branch]


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What a caller hears in the line when the wait passes ``over_minutes``, at most every ``every_minutes``."""

    say: tuple[str, ...]
    over_minutes: int
    every_minutes: int


@dataclass(frozen=True, kw_only=True)
class Human:
    """Wait for an agent. ``queue`` is the line for those who have chosen none; ``meanwhile`` is where ``1`` leads; ``wants``
    is what everybody needs who waits here."""

    queue: str
    closed: Branch
    meanwhile: str = ""
    say: tuple[str, ...] = ()
    invitation: Invitation | None = None
    wants: tuple[Want, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Callback:
    """Promise to ring back the ``caller``'s own number, or the one that was ``keyed`` in."""

    number: str
    results: Mapping[str, Branch]


@dataclass(frozen=True, kw_only=True)
class SubFlow:
    """Go through another flow and come back with its result."""

    flow: str
    results: Mapping[str, Branch]


@dataclass(frozen=True, kw_only=True)
class Return:
    """Come back from a sub-flow."""

    result: str


@dataclass(frozen=True, kw_only=True)
class End:
    """Say goodbye and hang up. ``declines`` is why somebody whom we rang is not connected."""

    say: tuple[str, ...]
    declines: str = ""


Node = SayNode | Menu | Times | AskDigits | Inquire | Human | Callback | SubFlow | Return | End


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One flow file. Nodes name each other as ``flow/node``; ``human`` is where ``0`` leads from everywhere in it."""

    name: str
    start: str
    human: str
    nodes: Mapping[str, Node]
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class FlowBook:
    """All flows with their wording; ``version`` tells two editions apart."""

    flows: Mapping[str, Flow]
    wordings: Wordings
    version: str = ""
    main: str = "main"
    rung: str = "rung"
    direct: str = "direct"
    _nodes: Mapping[str, Node] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = {name: node for flow in self.flows.values() for name, node in flow.nodes.items()}
        object.__setattr__(self, "_nodes", nodes)

    def find(self, name: str) -> Node | None:
        """Return the node with this full name, if there is one."""
        return self._nodes.get(name)

    def flow_of(self, name: str) -> Flow:
        """Return the flow that a node belongs to; the main one for an unknown node."""
        return self.flows.get(name.partition("/")[0], self.flows[self.main])

    @property
    def start(self) -> str:
        """The node where every call begins."""
        return self.flows[self.main].start

    @property
    def rung_start(self) -> str:
        """The node where a call begins that we have placed to ring somebody back; the main one where no flow is for that."""
        flow = self.flows.get(self.rung)
        return flow.start if flow else self.start

    def start_of(self, flow: str) -> str:
        """Return the node where a call begins that came in for this flow; the main one where there is no such flow."""
        return self.flows[flow].start if flow in self.flows else self.start

    @property
    def machine(self) -> str:
        """The node where a call goes on that seems to have been answered by a machine."""
        return f"{self.rung}/machine"

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """Go through every node with its full name."""
        return iter(self._nodes.items())
