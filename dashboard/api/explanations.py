"""Why a contact went where it went, or why it still waits, over HTTP, for supervisors. It names no citizen."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from core.ids import ContactId
from dashboard.api.guard import Guard
from dashboard.sessions import Session
from dashboard.views import View
from skills_routing.explain.explaining import Explanation
from skills_routing.rules.reasons import Hindrance
from skills_routing.service import Routing

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]


class NotOfferedView(View):
    """An agent who could take somebody now, why not this contact, and the skill that is missing or too low."""

    agent: str
    why: Hindrance
    skill: str


class ExplanationView(View):
    """Where a contact is, in one word, and why, in Swedish sentences. ``place`` is 0 when it does not wait.

    ``least_minutes`` and ``most_minutes`` are what is foreseen of the rest of the wait, ``null`` when nobody is sure.
    """

    contact: str
    state: str
    place: int
    sentences: list[str]
    not_offered: list[NotOfferedView]
    least_minutes: int | None
    most_minutes: int | None


def make_explanations_router(*, guard: Guard, routing: Routing) -> APIRouter:
    """Return the route that explains a contact."""
    router = APIRouter(prefix="/api/routing", tags=["supervisor"])
    supervisor = Depends(guard.supervisor)

    @router.get("/contacts/{contact}/explanation")
    async def explanation(_me: Annotated[Session, supervisor], contact: Id) -> ExplanationView:
        return explanation_view(await routing.explain(ContactId(contact)))

    return router


def explanation_view(found: Explanation) -> ExplanationView:
    """Return an explanation as it is shown."""
    return ExplanationView(
        contact=found.contact,
        state=found.state,
        place=found.place,
        sentences=list(found.sentences),
        not_offered=[NotOfferedView(agent=one.agent, why=one.why, skill=one.skill) for one in found.not_offered],
        least_minutes=found.foreseen.low_minutes if found.foreseen else None,
        most_minutes=found.foreseen.high_minutes if found.foreseen else None,
    )
