"""The table of invitations: who may book which meeting for themselves, and until when."""

import json
from typing import Any

from sqlalchemy import Column, String, Table, Text, select
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import AgentId, ContactId, PersonId
from meetings.model import Invitation, Wish
from meetings.register import Asker, Mode
from storage.database import Transaction
from storage.schema import Instant, metadata

meeting_invitations = Table(
    "meeting_invitations",
    metadata,
    Column("invitation", String(60), primary_key=True),
    Column("person", String(80), nullable=False),
    Column("contact", String(60), nullable=False),
    Column("wish", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)
"""``wish`` is JSON: the type, the matter and what the meeting needs. What was booked is a meeting with a name made of this one."""

_WORDS = ("type", "matter", "language", "about_decision")


async def add(tx: Transaction, one: Invitation) -> None:
    """Write an invitation; one that is there already stays as it is."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    row = {
        "invitation": one.invitation, "person": one.person, "contact": one.contact, "wish": _written(one.wish),
        "made_at": one.made_at, "made_by": one.made_by, "expires_at": one.expires_at,
    }  # fmt: skip
    await tx.execute(kind.insert(meeting_invitations).values(**row).on_conflict_do_nothing())


async def find(tx: Transaction, invitation: str) -> Invitation | None:
    """Return an invitation, whether it can still be used or not."""
    query = select(meeting_invitations).where(meeting_invitations.c.invitation == invitation)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    person, contact = PersonId(row.person), ContactId(row.contact)
    return Invitation(
        invitation=row.invitation,
        person=person,
        contact=contact,
        wish=_read(row.wish, person=person, contact=contact),
        made_at=row.made_at,
        made_by=row.made_by,
        expires_at=row.expires_at,
    )


def _written(wish: Wish) -> str:
    said: dict[str, Any] = {name: getattr(wish, name) for name in _WORDS}
    said |= {"asked_by": wish.asked_by, "mode": wish.mode, "handler": wish.handler}
    return json.dumps(said | {"needs": sorted(wish.needs), "given": sorted(wish.given)})


def _read(text: str, *, person: PersonId, contact: ContactId) -> Wish:
    said = json.loads(text)
    return Wish(
        **{name: said[name] for name in _WORDS},
        asked_by=Asker(said["asked_by"]),
        mode=Mode(said["mode"]) if said["mode"] else None,
        handler=AgentId(said["handler"]) if said["handler"] else None,
        needs=frozenset(said["needs"]),
        given=frozenset(said["given"]),
        person=person,
        contact=contact,
    )
