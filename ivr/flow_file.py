"""Flow files: YAML that is checked on reading, and a JSON Schema for the editor."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError

from ivr import flow
from ivr.flow import Flow, FlowBook, Node
from ivr.flow_parts import (
    AskDigitsPart,
    BenefitMenuPart,
    BranchPart,
    CallbackPart,
    ChoicePart,
    EndPart,
    FlowPart,
    HoursPart,
    HumanPart,
    InquirePart,
    MenuPart,
    NodePart,
    Results,
    ReturnPart,
    SayPart,
    SubFlowPart,
    TimesPart,
    wants_of,
)
from ivr.model import InquiryName
from ivr.wording import Wordings
from storage.edited_file import Faults, read_mapping, refusal

BENEFITS_A_PAGE = 6
MORE_KEY = "7"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a flow file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FlowPart.model_json_schema()}


def load_flow(text: str, *, file: str, benefits: Mapping[str, tuple[str, ...]] | None = None) -> Flow:
    """Read one flow file; raises :class:`ConfigurationError` naming file, node and field.

    ``benefits`` lists the benefits of each queue, for menus that are made of them.
    """
    content = read_mapping(text, file=file)
    try:
        part = FlowPart.model_validate(content)
    except ValidationError as error:
        raise refusal(error, content, file=file, tag_at=2) from None
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
    faults = Faults()
    for file, text in sorted(files.items()):
        read = faults.attempt(partial(load_flow, text, file=file, benefits=benefits))
        if read is not None and read.name in flows:
            faults.add(file, "flow", f"there are two flows named {read.name}")
        elif read is not None:
            flows[read.name] = read
    if main not in flows and not faults.found:
        faults.add("config/flows", f"there is no flow named {main}")
    faults.refuse()
    return FlowBook(flows=flows, wordings=wordings, version=_version(files, wordings, benefits or {}), main=main)


def _version(files: Mapping[str, str], wordings: Wordings, benefits: Mapping[str, tuple[str, ...]]) -> str:
    """Return a name for exactly what callers hear and can press: it changes when any of it does."""
    said = [sorted(texts.items()) for _language, texts in sorted(wordings.texts.items())]
    named = sorted((name, sorted(label.items())) for name, label in wordings.names.items())
    return hashlib.sha256(repr((sorted(files.items()), said, named, sorted(benefits.items()))).encode()).hexdigest()[
        :12
    ]


class _Reader:
    """Turns the parts of one file into nodes with full names."""

    def __init__(self, flow_name: str, benefits: Mapping[str, tuple[str, ...]]) -> None:
        self.flow_name = flow_name
        self.benefits = benefits

    def ref(self, target: str | None) -> str:
        if not target:
            return ""
        return target if "/" in target else f"{self.flow_name}/{target}"

    def read(self, name: str, part: NodePart) -> dict[str, Node]:
        full = self.ref(name)
        match part:
            case BenefitMenuPart():
                return self._pages(full, part)
            case MenuPart() | TimesPart() | AskDigitsPart():
                return {full: self._asking(part)}
            case InquirePart() | HoursPart() | HumanPart() | CallbackPart() | SubFlowPart():
                return {full: self._inquiring(part)}
            case SayPart():
                return {full: flow.SayNode(say=tuple(part.say), next=self.ref(part.next))}
            case ReturnPart():
                return {full: flow.Return(result=part.result)}
            case EndPart():
                return {full: flow.End(say=tuple(part.say), declines=part.declines)}

    def _branch(self, part: BranchPart) -> flow.Branch:
        again = self.ref(part.again)
        return flow.Branch(next=self.ref(part.next), say=tuple(part.say), answer=part.answer, again=again)

    def _results(self, results: Results) -> dict[str, flow.Branch]:
        return {result: self._branch(part) for result, part in results.items()}

    def _choices(self, parts: Sequence[ChoicePart]) -> tuple[flow.Choice, ...]:
        return tuple(
            flow.Choice(
                **{
                    **part.model_dump(exclude={"needs", "preferred"}),
                    "next": self.ref(part.next),
                    "wants": wants_of(part.needs, part.preferred),
                }
            )
            for part in parts
        )

    def _asking(self, part: MenuPart | TimesPart | AskDigitsPart) -> Node:
        say, otherwise = tuple(part.say), self.ref(part.otherwise)
        if isinstance(part, MenuPart):
            choices, then_say = self._choices(part.choices), tuple(part.then_say)
            return flow.Menu(say=say, choices=choices, then_say=then_say, otherwise=otherwise, once=part.once)
        if isinstance(part, TimesPart):
            choices = self._choices(part.choices)
            return flow.Times(say=say, next=self.ref(part.next), choices=choices, otherwise=otherwise)
        return flow.AskDigits(
            say=say,
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
                return self._human(part)

    def _human(self, part: HumanPart) -> flow.Human:
        invited = part.invitation
        return flow.Human(
            queue=part.queue,
            closed=self._branch(part.closed),
            meanwhile=self.ref(part.meanwhile),
            say=tuple(part.say),
            invitation=flow.Invitation(**{**invited.model_dump(), "say": tuple(invited.say)}) if invited else None,
            wants=wants_of(part.needs, part.preferred),
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
