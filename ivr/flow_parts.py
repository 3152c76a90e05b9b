"""The shape of a flow file: what may stand in it, and what editors complete."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.language import Language
from ivr.flow import NodeKind, Want
from ivr.model import InquiryName

Ref = Annotated[str, Field(pattern=r"^([a-z0-9_]+/)?[a-z0-9_]+$", description="A node: its name, or flow/node")]
Words = Annotated[list[str], Field(description="Keys in the wording files, said in this order")]
Key = Annotated[str, Field(pattern=r"^[1-8]$", description="0, 9 and * mean the same everywhere, so 1-8 are free")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BranchPart(_Part):
    """What follows a result."""

    say: Words = []
    next: Ref
    answer: str = Field("", description="The kind of answer that this is; it is told when heard to its end")
    again: Ref | None = Field(None, description="Where 9 leads afterwards, instead of to all of it once more")


Results = dict[str, BranchPart]


class WantPart(_Part):
    """A skill of skills.yaml, and the lowest level that will do."""

    skill: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    level: Annotated[int, Field(ge=1, le=5)] = 1


Needs = Annotated[
    list[WantPart], Field(description="What the caller needs of an agent besides the queue, for as long as it takes")
]
Preferred = Annotated[
    list[WantPart], Field(description="What is asked for at first, and given up with the queue's first step")
]


def wants_of(needs: Iterable[WantPart], preferred: Iterable[WantPart]) -> tuple[Want, ...]:
    """Return what is needed and what is preferred as one."""
    return tuple(
        [Want(one.skill, one.level) for one in needs]
        + [Want(one.skill, one.level, preferred=True) for one in preferred]
    )


class ChoicePart(_Part):
    """One choice of a menu."""

    key: Key
    say: str
    next: Ref
    benefit: str = ""
    queue: str = ""
    language: Language | None = Field(None, description="Choosing this switches to it; so the choice is said in it")
    only: Language | None = Field(None, description="The choice is there only for callers who have this language")
    soonest: bool = Field(False, description="Asks to be rung back when it is one's turn, not at a chosen time")
    needs: Needs = []
    preferred: Preferred = []


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
    otherwise: Ref | None = Field(
        None, description="Where three silences lead; default: a human, as wrong keys always do"
    )
    once: bool = Field(False, description="The first silence leads there already")


class TimesPart(_Part):
    """Let the caller choose one of the times that an inquiry has found: keys 1 to 4, and 7 for more."""

    kind: Literal[NodeKind.TIMES]
    say: Words = []
    next: Annotated[Ref, Field(description="Where a chosen time leads")]
    choices: Annotated[list[ChoicePart], Field(description="What there is besides, on keys 5, 6 and 8")] = []
    otherwise: Ref | None = None


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
    inquiry: Literal[
        InquiryName.LOCATE, InquiryName.VERIFY_CODE, InquiryName.KEYED_NUMBER, InquiryName.MEETING_POSTCODE
    ]
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


class InvitationPart(_Part):
    """What is said in the line when the wait is long: foreseen over so many minutes, or having lasted them."""

    say: Annotated[list[str], Field(min_length=1)]
    over_minutes: Annotated[int, Field(ge=0, le=120)] = 5
    every_minutes: Annotated[int, Field(ge=1, le=120, description="It is not said again before")] = 5


class HumanPart(_Part):
    """Wait for an agent."""

    kind: Literal[NodeKind.HUMAN]
    queue: str = Field(description="The line for those who have chosen none")
    say: Words = []
    closed: BranchPart
    meanwhile: Ref | None = Field(None, description="Where pressing 1 in the line leads")
    invitation: InvitationPart | None = Field(None, description="Said in the line when the wait is long")
    needs: Needs = []
    preferred: Preferred = []


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
    declines: Literal["", "not_now", "wrong_person", "machine", "no_key"] = Field(
        "", description="Why somebody whom we rang is not connected; they are tried again, and the place is kept"
    )


NodePart = Annotated[
    SayPart
    | MenuPart
    | TimesPart
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
