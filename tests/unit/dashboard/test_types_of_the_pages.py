"""The pages' own picture of what the server shows (``types.ts``, ``types-meetings.ts``) has the same fields, of the same kinds, as the server's."""

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard import guidance_views, meeting_views, promise_views, supervision_views, text_views, views
from dashboard.views import View
from skills_routing.model import AgentState

SOURCES = Path(__file__).parents[3] / "dashboard" / "web" / "src"
TYPES = "\n".join((SOURCES / name).read_text("utf-8") for name in ("types.ts", "types-meetings.ts"))
SHOWN_AS: dict[str, type[View]] = {
    "Choice": views.ChoiceView,
    "Me": views.MeView,
    "SipAccount": views.SoftphoneView,
    "About": views.WaitingFor,
    "Offer": views.OfferView,
    "Talk": views.TalkView,
    "WrapUp": views.WrapUpView,
    "Written": views.WrittenView,
    "Queue": views.QueueView,
    "Notice": views.NoticeView,
    "Leaving": views.LeavingView,
    "DeskPicture": views.DeskView,
    "SkillLevel": supervision_views.SkillLevelView,
    "AgentSkills": supervision_views.AgentSkillsView,
    "SupervisionPicture": supervision_views.SupervisionView,
    "Matter": views.MatterView,
    "Person": views.PersonView,
    "Card": views.CardView,
    "RingBack": views.RingBackView,
    "Callback": promise_views.CallbackView,
    "CallbackLists": promise_views.CallbackListsView,
    "Time": promise_views.TimeView,
    "OwnPromise": promise_views.OwnPromiseView,
    "ToldOfPromise": promise_views.ToldView,
    "ReasonCount": promise_views.ReasonCountView,
    "Waits": promise_views.WaitsView,
    "PageLink": promise_views.LinkView,
    "Caps": promise_views.CapsView,
    "CallbackCount": promise_views.CallbackCountView,
    "ShownText": text_views.TextView,
    "TextTemplate": text_views.TemplateView,
    "TextThread": text_views.ThreadView,
    "TextRate": text_views.RateView,
    "ProviderRates": text_views.ProviderRatesView,
    "Meeting": meeting_views.MeetingView,
    "MeetingDay": meeting_views.MeetingDayView,
    "MeetingAnswer": meeting_views.AnswerView,
    "MeetingDocument": meeting_views.DocumentView,
    "MeetingCard": meeting_views.MeetingCardView,
    "MeetingBrief": meeting_views.BriefView,
    "MeetingType": meeting_views.MeetingTypeView,
    "MeetingChoices": meeting_views.MeetingChoicesView,
    "MeetingTime": meeting_views.MeetingTimeView,
    "MeetingInvitation": meeting_views.MeetingInvitationView,
    "MeetingTask": meeting_views.MeetingTaskView,
    "MeetingTasks": meeting_views.MeetingTasksView,
    "GuidanceOwner": guidance_views.OwnerView,
    "GuidanceItem": guidance_views.GuidanceView,
    "GuidanceOfType": guidance_views.AnsweredGuidanceView,
    "GuidanceBoard": guidance_views.GuidanceBoardView,
    "Login": views.LoginView,
    "DemoPerson": views.DemoPersonView,
    "Demo": views.DemoView,
    "DemoPhone": views.PhoneView,
}
ONLY_IN_THE_PAGES = {"Heard"}
"""What comes over the live feed of a telephone, which no view describes."""

NARROWER = {"AgentState": "string", '"sip" | "simulator"': "string"}
"""Where the pages know which words a text of the server's can be."""


def interfaces(text: str) -> dict[str, dict[str, str]]:
    """Return the fields of every interface: name → kind, those of the interface that it extends too."""
    found: dict[str, dict[str, str]] = {}
    for name, parent, body in re.findall(r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)\n\}", text, re.DOTALL):
        fields = dict(re.findall(r"^    (\w+): (.+);$", body, re.MULTILINE))
        assert len(fields) == len(body.splitlines()), f"{name}: one field a line"
        found[name] = {**found.get(parent, {}), **fields}
    return found


def as_typescript(shape: dict[str, Any], names: dict[str, str]) -> str:
    """Write a field's JSON Schema as TypeScript writes its kind."""
    if "anyOf" in shape:
        return " | ".join(as_typescript(one, names) for one in shape["anyOf"])
    if "$ref" in shape:
        return names[shape["$ref"].rpartition("/")[2]]
    if shape["type"] == "array":
        return f"{as_typescript(shape['items'], names)}[]"
    return {"integer": "number"}.get(shape["type"], shape["type"])


WRITTEN = interfaces(TYPES)


def test_every_type_of_the_pages_is_known_here() -> None:
    assert set(WRITTEN) == set(SHOWN_AS) | ONLY_IN_THE_PAGES


def test_every_view_of_the_server_is_known_to_the_pages() -> None:
    every = [*vars(views).values(), *vars(supervision_views).values(), *vars(promise_views).values()]
    every += [*vars(text_views).values(), *vars(meeting_views).values(), *vars(guidance_views).values()]
    shown = {one for one in every if isinstance(one, type) and issubclass(one, View)} - {View}
    assert shown == set(SHOWN_AS.values())


@pytest.mark.parametrize("name", SHOWN_AS)
def test_the_pages_read_what_the_server_writes(name: str) -> None:
    names = {view.__name__: interface for interface, view in SHOWN_AS.items()}
    fields = SHOWN_AS[name].model_json_schema(mode="serialization")["properties"]
    served = {field: as_typescript(shape, names) for field, shape in fields.items()}
    assert {field: NARROWER.get(kind, kind) for field, kind in WRITTEN[name].items()} == served


def test_the_pages_know_every_state_of_an_agent() -> None:
    (words,) = re.findall(r"export type AgentState = (.+);", TYPES)
    assert set(re.findall(r'"(\w+)"', words)) == {str(state) for state in AgentState}
