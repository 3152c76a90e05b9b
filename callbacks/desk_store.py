"""Finds the promises that a desk asks for."""

from sqlalchemy import select

from callbacks.model import Callback
from callbacks.store import callbacks, read_all
from core.ids import ContactId
from storage.database import Transaction


async def newest_of_contact(tx: Transaction, contact: ContactId) -> Callback | None:
    """Return the newest promise that began with a contact."""
    query = select(callbacks).where(callbacks.c.contact == contact)
    found = await read_all(tx, query.order_by(callbacks.c.promised_at.desc(), callbacks.c.callback.desc()).limit(1))
    return found[0] if found else None
