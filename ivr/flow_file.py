"""Flow files: YAML that is checked on reading, and a JSON Schema for the editor."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ConfigurationError
from core.language import Language
from ivr import flow
from ivr.flow import Flow, FlowBook, Node, NodeKind
from ivr.model import InquiryName
from ivr.wording import Wordings
from ivr.yaml_text import explain, read_mapping

Ref = Annotated[str, Field(pattern=r"^([a-z0-9_]+/)?[a-z0-9_]+$", description="A node: its name, or flow/node")]
Words = Annotated[list[str], Field(description="Keys in the wording files, said in this order")]
Key = Annotated[str, Field(pattern=r"^[1-8]$", description="0, 9 and * mean the same everywhere, so 1-8 are free")]

BENEFITS_A_PAGE = 6
MORE_KEY = "7"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BranchPart(_Part):
    """What follows a result."""

    say: Words = []
    next: Ref
    answer: str = Field("", description="The kind of answer that this is; it is told when heard to its end")


Results = dict[str, BranchPart]


class ChoicePart(_Part):
    """One choice of a menu."""

    key: Key
    say: str
    next: Ref
    benefit: str = ""
    queue: str = ""
    language: Language | None = None
    only: Language | None = None


class SayPart(_Part):
    """Say something and go on."""

    kind: Literal[NodeKind.SAY]
    say: Words
    next: Ref


class MenuPart(_Part):
    """Let the caller choose."""

    kind: Literal[NodeKind.MENU]
    say: Words = []
    choices: Annotated[list[ChoicePart], Field(min_length=1)]
    then_say: Words = []
    otherwise: Ref | None = Field(None, description="Where three silences or wrong keys lead; default: a human")


class BenefitMenuPart(_Part):
    """A menu of the benefits of a queue, as many pages as it takes."""

    kind: Literal[NodeKind.BENEFIT_MENU]
    say: Words = []
    queue: str
    next: Ref
    then_say: Words = []


class AskDigitsPart(_Part):
    """Take digits and have an inquiry made of them."""

    kind: Literal[NodeKind.ASK_DIGITS]
    say: Words
    inquiry: Literal[InquiryName.LOCATE, InquiryName.VERIFY_CODE, InquiryName.KEYED_NUMBER]
    least: Annotated[int, Field(ge=2, le=20)]
    most: Annotated[int, Field(ge=2, le=20)]
    attempts: Annotated[int, Field(ge=1, le=5)] = 3
    results: Results
    otherwise: Ref | None = None


class InquirePart(_Part):
    """Have something found out, and go on by the result."""

    kind: Literal[NodeKind.INQUIRE]
    inquiry: InquiryName
    results: Results


class HoursPart(_Part):
    """Go on by whether the entry point is open."""

    kind: Literal[NodeKind.HOURS]
    results: Results


class HumanPart(_Part):
    """Wait for an agent."""

    kind: Literal[NodeKind.HUMAN]
    queue: str = Field(description="The line for those who have chosen none")
    say: Words = []
    closed: BranchPart
    meanwhile: Ref | None = Field(None, description="Where pressing 1 in the line leads")


class CallbackPart(_Part):
    """Promise to ring back."""

    kind: Literal[NodeKind.CALLBACK]
    number: Literal["caller", "keyed"]
    results: Results


class SubFlowPart(_Part):
    """Go through another flow and come back with its result."""

    kind: Literal[NodeKind.FLOW]
    flow: str
    results: Results


class ReturnPart(_Part):
    """Come back from a sub-flow."""

    kind: Literal[NodeKind.RETURN]
    result: str


class EndPart(_Part):
    """Say goodbye and hang up."""

    kind: Literal[NodeKind.END]
    say: Words = ["goodbye"]


NodePart = Annotated[
    SayPart
    | MenuPart
    | BenefitMenuPart
    | AskDigitsPart
    | InquirePart
    | HoursPart
    | HumanPart
    | CallbackPart
    | SubFlowPart
    | ReturnPart
    | EndPart,
    Field(discriminator="kind"),
]


class FlowPart(_Part):
    """A flow file."""

    flow: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    start: Ref
    human: Annotated[Ref, Field(description="Where 0 and three failures lead, from every node of this flow")]
    nodes: Annotated[dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], NodePart], Field(min_length=1)]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a flow file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FlowPart.model_json_schema()}


def load_flow(text: str, *, file: str, benefits: Mapping[str, tuple[str, ...]] | None = None) -> Flow:
    """Read one flow file; raises :class:`ConfigurationError` naming file, node and field.

    ``benefits`` lists the benefits of each queue, for menus that are made of them.
    """
    try:
        part = FlowPart.model_validate(read_mapping(text, file=file))
    except ValidationError as error:
        raise ConfigurationError(explain(error, file=file, tag_at=2)) from None
    reader = _Reader(part.flow, benefits or {})
    nodes: dict[str, Node] = {}
    for name, node in part.nodes.items():
        nodes.update(reader.read(name, node))
    return Flow(name=part.flow, start=reader.ref(part.start), human=reader.ref(part.human), nodes=nodes, file=file)


def load_book(
    files: Mapping[str, str],
    *,
    wordings: Wordings,
    benefits: Mapping[str, tuple[str, ...]] | None = None,
    main: str = "main",
) -> FlowBook:
    """Read all flow files (file name → text) into a book; raises :class:`ConfigurationError`."""
    flows: dict[str, Flow] = {}
    for file, text in sorted(files.items()):
        read = load_flow(text, file=file, benefits=benefits)
        if read.name in flows:
            raise ConfigurationError(f"{file}: there are two flows named {read.name}")
        flows[read.name] = read
    if main not in flows:
        raise ConfigurationError(f"there is no flow named {main}")
    version = hashlib.sha256("".join(files[file] for file in sorted(files)).encode()).hexdigest()[:12]
    return FlowBook(flows=flows, wordings=wordings, version=version, main=main)


class _Reader:
    """Turns the parts of one file into nodes with full names."""

    def __init__(self, flow_name: str, benefits: Mapping[str, tuple[str, ...]]) -> None:
        self.flow_name = flow_name
        self.benefits = benefits

    def ref(self, target: str | None) -> str:
        if not target:
            return ""
        return target if "/" in target else f"{self.flow_name}/{target}"

    def read(self, name: str, part: "NodePart") -> dict[str, Node]:
        full = self.ref(name)
        match part:
            case BenefitMenuPart():
                return self._pages(full, part)
            case MenuPart() | AskDigitsPart():
                return {full: self._asking(part)}
            case InquirePart() | HoursPart() | HumanPart() | CallbackPart() | SubFlowPart():
                return {full: self._inquiring(part)}
            case SayPart():
                return {full: flow.SayNode(say=tuple(part.say), next=self.ref(part.next))}
            case ReturnPart():
                return {full: flow.Return(result=part.result)}
            case EndPart():
                return {full: flow.End(say=tuple(part.say))}

    def _branch(self, part: BranchPart) -> flow.Branch:
        return flow.Branch(next=self.ref(part.next), say=tuple(part.say), answer=part.answer)

    def _results(self, results: Results) -> dict[str, flow.Branch]:
        return {result: self._branch(part) for result, part in results.items()}

    def _asking(self, part: MenuPart | AskDigitsPart) -> Node:
        otherwise = self.ref(part.otherwise)
        if isinstance(part, MenuPart):
            choices = tuple(
                flow.Choice(**{**choice.model_dump(), "next": self.ref(choice.next)}) for choice in part.choices
            )
            then_say = tuple(part.then_say)
            return flow.Menu(say=tuple(part.say), choices=choices, then_say=then_say, otherwise=otherwise)
        return flow.AskDigits(
            say=tuple(part.say),
            inquiry=part.inquiry,
            least=part.least,
            most=part.most,
            attempts=part.attempts,
            results=self._results(part.results),
            otherwise=otherwise,
        )

    def _inquiring(self, part: InquirePart | HoursPart | HumanPart | CallbackPart | SubFlowPart) -> Node:
        match part:
            case InquirePart():
                return flow.Inquire(inquiry=part.inquiry, results=self._results(part.results))
            case HoursPart():
                return flow.Inquire(inquiry=InquiryName.HOURS, results=self._results(part.results))
            case CallbackPart():
                return flow.Callback(number=part.number, results=self._results(part.results))
            case SubFlowPart():
                return flow.SubFlow(flow=part.flow, results=self._results(part.results))
            case HumanPart():
                return flow.Human(
                    queue=part.queue,
                    closed=self._branch(part.closed),
                    meanwhile=self.ref(part.meanwhile),
                    say=tuple(part.say),
                )

    def _pages(self, full: str, part: BenefitMenuPart) -> dict[str, Node]:
        every = self.benefits.get(part.queue, ())
        pages = [every[i : i + BENEFITS_A_PAGE] for i in range(0, len(every), BENEFITS_A_PAGE)] or [()]
        return {
            _page_name(full, number): flow.Menu(
                say=tuple(part.say) if number == 0 else (),
                choices=self._page(part, page, more=_page_name(full, (number + 1) % len(pages)), pages=len(pages)),
                then_say=tuple(part.then_say),
            )
            for number, page in enumerate(pages)
        }

    def _page(self, part: BenefitMenuPart, page: tuple[str, ...], *, more: str, pages: int) -> tuple[flow.Choice, ...]:
        choices = [
            flow.Choice(
                key=str(number), say="choice_benefit", next=self.ref(part.next), benefit=benefit, queue=part.queue
            )
            for number, benefit in enumerate(page, start=1)
        ]
        if pages > 1:
            choices.append(flow.Choice(key=MORE_KEY, say="choice_more", next=more))
        return tuple(choices)


def _page_name(full: str, number: int) -> str:
    return full if number == 0 else f"{full}_{number + 1}"
