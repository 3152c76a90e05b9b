"""Booked meetings behind the desk, at the offices that we ship; some of the demonstration's agents hold meetings."""

from collections.abc import Mapping

from fastapi import APIRouter

from core.ids import AgentId
from dashboard.api.briefs import make_briefs_router
from dashboard.api.guard import Guard
from dashboard.api.guidance import make_guidance_router
from dashboard.api.meeting_report import make_meeting_report_router
from dashboard.api.meeting_tasks import make_meeting_tasks_router
from dashboard.api.meetings import make_meetings_router
from dashboard.brief_desk import BriefDesk
from dashboard.desk import Desk
from dashboard.guidance_desk import GuidanceDesk
from dashboard.meeting_desk import MeetingDesk
from dashboard.meeting_ports import Meeting
from dashboard.task_desk import TaskDesk
from meetings.service import Meetings
from storage.database import Transaction
from tests.builders.meetings import meetings_over
from tests.integration.skills_routing.world import World

HANDLERS = {AgentId("bo"): AgentId("lena"), AgentId("asa"): AgentId("mats"), AgentId("carin"): AgentId("nora")}
"""As whom agents meet citizens. Nora is cleared for protected identities, and so is Carin."""


class NothingPrepared:
    """No kallelse, no answers, and a text can be sent: what the rooms around tell is tried where they are."""

    async def kallelse(self, tx: Transaction, row: Meeting) -> str:
        return ""

    async def answers(self, tx: Transaction, row: Meeting) -> Mapping[str, str]:
        return {"Vad vill du fråga om?": "<b>Pengarna</b>", "Vad har ändrats?": ""}

    async def takes_receipt(self, tx: Transaction, row: Meeting) -> bool:
        return True


def meetings_of(world: World) -> Meetings:
    return meetings_over(world.database, world.time, world.new_id)


def meetings_router(world: World, meetings: Meetings, desk: Desk, guard: Guard) -> APIRouter:
    meeting_desk = MeetingDesk(
        database=world.database,
        clock=world.time,
        routing=world.routing,
        contacts=world.contacts,
        meetings=meetings.at_desk,
        documents=meetings.documents,
        prepared=NothingPrepared(),
        person=desk.person,
        handler_of=HANDLERS.get,
    )
    meetings.briefs.names_of = _called_tilda
    meetings.inviting.link = lambda name: f"https://kc.example/boka-mote/{name}"
    briefs = BriefDesk(desk=meeting_desk, database=world.database, briefs=meetings.briefs)
    tasks = TaskDesk(
        database=world.database,
        clock=world.time,
        routing=world.routing,
        tasks=meetings.tasks,
        person=desk.person,
        handler_of=HANDLERS.get,
    )
    both = APIRouter()
    both.include_router(make_meeting_tasks_router(guard=guard, desk=tasks))
    both.include_router(make_meetings_router(guard=guard, desk=meeting_desk))
    guidance = GuidanceDesk(database=world.database, clock=world.time, guidance=meetings.guidance)
    both.include_router(make_meeting_report_router(guard=guard, reports=meetings.reports))
    both.include_router(make_guidance_router(guard=guard, desk=guidance))
    both.include_router(make_briefs_router(guard=guard, desk=briefs))
    return both


async def _called_tilda(_: object) -> frozenset[str]:
    return frozenset({"Tilda Kvistgren"})
