"""Texts over HTTP, for agents: the thread of whom they talk with, and their answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core.ids import ContactId
from dashboard.api.guard import Guard
from dashboard.sessions import Session
from dashboard.text_desk import TextDesk
from dashboard.text_views import ThreadView

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]


class WrittenText(BaseModel):
    """What an agent wrote; ``key`` is new for each text, and the same when the page sends it again."""

    key: str = Field(pattern=r"^[A-Za-z0-9-]{8,40}$")
    text: str = Field(max_length=1_000, repr=False)


def make_texts_router(*, guard: Guard, desk: TextDesk) -> APIRouter:
    """This function will return the routes of texts at the desk."""
    router = APIRouter(prefix="/api/contacts", tags=["texts"])
    agent = Depends(guard.agent)

    @router.get("/{contact}/texts")
    async def thread(me: Annotated[Session, agent], contact: Id) -> ThreadView:
        return await desk.thread(me.agent, ContactId(contact))

    @router.post("/{contact}/texts", status_code=204)
    async def write(me: Annotated[Session, agent], contact: Id, written: WrittenText) -> None:
        await desk.write(me.agent, ContactId(contact), key=written.key, text=written.text)

    return router
