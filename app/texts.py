"""What follows on facts as texts: the place of a dropped line, a promise that was given up, answers to what citizens write."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.clock import STOCKHOLM
from core.errors import ConflictError
from core.ids import CallbackId, ContactId
from core.phone import parse_phone
from sms.events import TextReceived
from sms.keywords import Keyword
from sms.model import Message, Purpose
from sms.service import Received
from storage.redis import LiveStoreUnavailableError

if TYPE_CHECKING:
    from app.wiring import Rooms

SEND = "sms.send_text"
"""A job that sends one text, if it is due. It only wakes: the sweeper finds what is due, too."""

RING_AGAIN = timedelta(seconds=10)
"""So long is waited before somebody whose line broke is written to: most ring again at once."""


async def wake(rooms: "Rooms", message: str) -> None:
    """Have a worker look at a text at once; two wakes for the same attempt are one."""
    async with rooms.database.reading() as tx:
        text = await rooms.sms.get(tx, message)
    if text.next_at is not None and text.next_at <= rooms.clock.now():
        with suppress(LiveStoreUnavailableError):  # the sweeper comes by within a second
            await rooms.jobs.wake(SEND, message, job_id=f"sms_{message}_{text.attempts}")


async def place_kept(rooms: "Rooms", *, contact: ContactId, at: datetime, until: datetime) -> None:
    """Write to whoever hung up while waiting that the place is kept, unless they ring again first."""
    async with rooms.database.transaction() as tx:
        who = await rooms.contacts.get(tx, contact)
        await rooms.sms.intend(
            tx, purpose=Purpose.PLACE_KEPT, subject=contact, name="place_kept", number=parse_phone(who.caller),
            language=who.language, contact=contact, not_before=at + RING_AGAIN, expires_at=until,
            values={"until": f"{until.astimezone(STOCKHOLM):%H.%M}"},
        )  # fmt: skip


async def given_up(rooms: "Rooms", callback: CallbackId) -> None:
    """Write to whom we did not reach in all our attempts how to be rung after all."""
    async with rooms.database.transaction() as tx:
        promise = await rooms.callbacks.get(tx, callback)
        await rooms.sms.intend(
            tx, purpose=Purpose.CALLBACK_GIVEN_UP, subject=callback, name="callback_given_up", number=promise.number,
            language=promise.language, contact=promise.contact,
        )  # fmt: skip


async def still_wanted(rooms: "Rooms", message: Message) -> bool:
    """Tell whether a text still is of use: the place of a dropped line is not, once it is taken or there is a promise."""
    if message.purpose is not Purpose.PLACE_KEPT or message.contact is None:
        return True
    return await rooms.callbacks.may_still_take_place(message.contact)


async def answer(rooms: "Rooms", fact: TextReceived) -> None:
    """Do what a citizen wrote, and answer it once; a fact may be told twice."""
    received = await rooms.sms.received(fact.received)
    name = await _DO[received.keyword](rooms, received)
    async with rooms.database.transaction() as tx:
        await rooms.sms.answer(tx, received, name)


async def _promise(rooms: "Rooms", received: Received) -> str:
    async with rooms.database.reading() as tx:
        language = await rooms.sms.language_of(tx, received.number)
    try:
        made = await rooms.callbacks.by_text(key=received.received, number=received.number, language=language)
    except ConflictError:
        return "not_possible"
    if not made.is_new:
        return "promised_already"
    had_place = await rooms.callbacks.place_of_dropped(made.promise.contact) is not None
    return "promised" if had_place else "promised_from_now"


def _say(name: str) -> Callable[["Rooms", Received], Awaitable[str]]:
    async def says(_rooms: "Rooms", _received: Received) -> str:
        return name

    return says


_DO: Mapping[Keyword, Callable[["Rooms", Received], Awaitable[str]]] = {
    Keyword.CALL: _promise,
    Keyword.STOP: _say("stopped"),
    Keyword.START: _say("started"),
    Keyword.HELP: _say("help"),
    Keyword.OTHER: _say("other"),
}
"""What was understood → what is done, and the name of the answer in the wording file."""
