"""Booked meetings over HTTP, for agents."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.ids import ContactId
from dashboard.api.guard import Guard
from dashboard.meeting_desk import MeetingDesk
from dashboard.meeting_ports import Asked, At, Written
from dashboard.meeting_views import (
    MeetingCardView,
    MeetingChoicesView,
    MeetingDayView,
    MeetingInvitationView,
    MeetingTimeView,
    MeetingView,
)
from dashboard.sessions import Session

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9-]{8,40}$")]
Mode = Literal["physical", "video", "phone"]


class Handed(StrEnum):
    """How the documentation was handed over."""

    PRINT = "print"
    DIGITAL = "digital"
    NONE = "none"


class Body(BaseModel):
    """What a page sends; words that it does not know are refused."""

    model_config = ConfigDict(extra="forbid")


class Wanted(Body):
    """What kind of meeting is asked for. ``with_me``: held by the agent who asks."""

    type: Word
    matter: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,60}$")] = ""
    language: Word = "sv"
    needs: list[Word] = Field(default=[], max_length=10)
    mode: Mode | None = None
    office: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,40}$")] = ""
    postcode: Annotated[str, Field(pattern=r"^([0-9]{3} ?[0-9]{2})?$", repr=False)] = ""
    given: list[Word] = Field(default=[], max_length=10)
    about_decision: bool = False
    with_me: bool = False

    def asked(self) -> Asked:
        """Return it without the words of HTTP."""
        return Asked(
            type=self.type,
            matter=self.matter,
            language=self.language,
            needs=frozenset(self.needs),
            mode=self.mode or "",
            office=self.office,
            postcode=self.postcode,
            given=frozenset(self.given),
            about_decision=self.about_decision,
        )


class When(Body):
    """A time that was shown."""

    starts_at: AwareDatetime
    office: Word
    mode: Mode

    def at(self) -> At:
        """Return it without the words of HTTP."""
        return At(starts_at=self.starts_at, office=self.office, mode=self.mode)


class Booking(Body):
    """What is asked for, and the time that was chosen."""

    wanted: Wanted
    at: When


class Moved(Body):
    """Another time for a meeting, of the version that was looked at."""

    at: When
    version: int = Field(ge=1)


class Cancelled(Body):
    """The version of a meeting that was looked at; none for a time that is only kept."""

    version: int | None = Field(default=None, ge=1)


class Documented(Body):
    """What was talked about, what was agreed, what comes next, and how it was handed over."""

    text: str = Field(default="", max_length=8_000, repr=False)
    agreed: str = Field(default="", max_length=4_000, repr=False)
    next_step: str = Field(default="", max_length=1_000, repr=False)
    how: Handed
    reason: str = Field(default="", max_length=500, repr=False)

    def written(self) -> Written:
        """Return it without the words of HTTP."""
        return Written(text=self.text, agreed=self.agreed, next_step=self.next_step, how=self.how, reason=self.reason)


class Closed(Documented):
    """The end of a meeting, of the version that was looked at."""

    version: int = Field(ge=1)


def make_meetings_router(*, guard: Guard, desk: MeetingDesk) -> APIRouter:
    """Return the routes of agents over booked meetings."""
    router = APIRouter(prefix="/api", tags=["meetings at the desk"])
    agent = Depends(guard.agent)
    _add_looking(router, agent, desk)
    _add_booking(router, agent, desk)
    _add_changing(router, agent, desk)
    _add_ending(router, agent, desk)
    return router


def _add_looking(router: APIRouter, agent: Any, desk: MeetingDesk) -> None:
    @router.get("/meetings")
    async def day(me: Annotated[Session, agent]) -> MeetingDayView:
        return await desk.day(me.agent)

    @router.get("/meetings/{meeting}")
    async def card(me: Annotated[Session, agent], meeting: Id) -> MeetingCardView:
        return await desk.card(me.agent, meeting)

    @router.get("/contacts/{contact}/meetings")
    async def choices(me: Annotated[Session, agent], contact: Id) -> MeetingChoicesView:
        return await desk.choices(me.agent, ContactId(contact))


def _add_booking(router: APIRouter, agent: Any, desk: MeetingDesk) -> None:
    @router.post("/contacts/{contact}/meeting-times")
    async def times(me: Annotated[Session, agent], contact: Id, wanted: Wanted) -> list[MeetingTimeView]:
        return await desk.times(me.agent, ContactId(contact), wanted.asked(), with_me=wanted.with_me)

    @router.post("/contacts/{contact}/meetings")
    async def hold(me: Annotated[Session, agent], contact: Id, booking: Booking, key: Key) -> MeetingView:
        wanted, at = booking.wanted, booking.at.at()
        return await desk.hold(me.agent, ContactId(contact), wanted.asked(), at, key=key, with_me=wanted.with_me)

    @router.post("/contacts/{contact}/meeting-invitations")
    async def invite(me: Annotated[Session, agent], contact: Id, wanted: Wanted, key: Key) -> MeetingInvitationView:
        return await desk.invite(me.agent, ContactId(contact), wanted.asked(), key=key, with_me=wanted.with_me)

    @router.post("/meetings/{meeting}/confirm")
    async def confirm(me: Annotated[Session, agent], meeting: Id) -> MeetingView:
        return await desk.confirm(me.agent, meeting)


def _add_changing(router: APIRouter, agent: Any, desk: MeetingDesk) -> None:
    @router.get("/meetings/{meeting}/times")
    async def times(me: Annotated[Session, agent], meeting: Id) -> list[MeetingTimeView]:
        return await desk.times_to_move(me.agent, meeting)

    @router.post("/meetings/{meeting}/move")
    async def move(me: Annotated[Session, agent], meeting: Id, moved: Moved) -> MeetingView:
        return await desk.move(me.agent, meeting, moved.at.at(), expected=moved.version)

    @router.post("/meetings/{meeting}/cancel", status_code=204)
    async def cancel(me: Annotated[Session, agent], meeting: Id, cancelled: Cancelled) -> None:
        await desk.cancel(me.agent, meeting, expected=cancelled.version)

    @router.get("/meetings/{meeting}/separate")
    async def times_separately(me: Annotated[Session, agent], meeting: Id) -> list[MeetingTimeView]:
        return await desk.times_separately(me.agent, meeting)

    @router.post("/meetings/{meeting}/separate")
    async def separate(me: Annotated[Session, agent], meeting: Id, at: When, key: Key) -> MeetingView:
        return await desk.book_separately(me.agent, meeting, at.at(), key=key)


def _add_ending(router: APIRouter, agent: Any, desk: MeetingDesk) -> None:
    @router.post("/meetings/{meeting}/missed", status_code=204)
    async def missed(me: Annotated[Session, agent], meeting: Id) -> None:
        await desk.missed(me.agent, meeting)

    @router.post("/meetings/{meeting}/close", status_code=204)
    async def close(me: Annotated[Session, agent], meeting: Id, closed: Closed) -> None:
        await desk.close(me.agent, meeting, closed.written(), expected=closed.version)

    @router.post("/meetings/{meeting}/correct", status_code=204)
    async def correct(me: Annotated[Session, agent], meeting: Id, corrected: Documented) -> None:
        await desk.correct(me.agent, meeting, corrected.written())
