"""Promises that another system of the agency asks for on somebody's behalf: a form on a page, say."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from callbacks import counting_store, place_store, store
from callbacks.errors import NumberNotAllowedError, SlotTakenError, TooManyPromisesError
from callbacks.events import CallbackNotPossible
from callbacks.model import Callback
from callbacks.promising import SLOT_TAKEN, TOO_MANY, Promising, Wanted
from contacts.model import Channel, Contact
from core.errors import ConflictError
from core.ids import AgentId, ContactId
from core.language import Language
from core.phone import PhoneNumber, parse_phone
from storage.database import Transaction
from storage.inbox import first_time


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a system asks for. ``key`` is its own name for this request: asked again, the answer is the same promise.

    Who is to be rung has a ``number``, or is whoever an earlier ``contact`` was with.
    """

    system: str
    key: str
    queue: str
    language: Language
    reason: str = ""
    number: str = ""
    contact: ContactId | None = None
    slot_at: datetime | None = None
    channel: Channel = Channel.WEB
    takes_place: bool = False
    """Whether the place that is kept for the number, if any, and its queue become those of the promise."""
    bound_to: AgentId | None = None
    deputy: AgentId | None = None
    """Who is to ring, and who does if that one cannot; anybody of the queue when nobody is named."""


@dataclass(frozen=True)
class Requested:
    """The promise, and whether this very request made it: what proves us is only for whoever asked first."""

    promise: Callback
    is_new: bool


class Requesting(Promising):
    """How other systems get a promise."""

    async def by_system(self, request: Request) -> Requested:
        """Promise to ring back whom a system names, under a contact of its own that ends in the promise (I-12).

        An open promise of that number or person is the answer, and stays as it is. Raises
        :class:`NumberNotAllowedError`, :class:`TooManyPromisesError`, :class:`SlotTakenError`, and
        ``ContactNotFoundError`` for an unknown contact; then nothing is written, and the same key may be used again.
        """
        contact = _contact_of(request)
        async with self.database.transaction() as tx:
            is_new = await first_time(tx, f"request:{contact}", now=self._clock.now())
            if is_new and await self._contacts.find(tx, contact) is None:
                await self._promise_to(tx, contact, request)
            row = await self._contacts.get(tx, contact)
            promise = await store.find(tx, row.callback) if row.callback else None
        if promise is None:
            raise NumberNotAllowedError  # cannot be: a request that was written has its promise
        return Requested(promise, is_new=promise.contact == contact)

    async def by_text(self, *, key: str, number: PhoneNumber, language: Language) -> Requested:
        """Promise to ring whoever wrote to us: at the place that is kept for their number, else from now; as ``by_system``."""
        queue = self._policy.stranded_queue
        request = Request(
            system="sms", key=key, queue=queue, language=language, reason="sms", number=number.e164,
            channel=Channel.SMS, takes_place=True,
        )  # fmt: skip
        return await self.by_system(request)

    async def _promise_to(self, tx: Transaction, contact: ContactId, request: Request) -> None:
        who = await self._contacts.get(tx, request.contact) if request.contact else None
        number = request.number or (who.caller if who else "")
        opened = await self._contacts.open(
            tx, contact=contact, channel=request.channel, caller=number, called=f"api:{request.system}"
        )
        asked = replace(opened, callback_number=number, person=who.person if who else None, queue=request.queue)
        if request.takes_place:
            asked, request = await self._at_kept_place(tx, asked, request)
            asked, request = await self._once_given_up(tx, asked, request)
        fact = await self._answer(tx, asked, _wanted(request), leg=None)
        if isinstance(fact, CallbackNotPossible):
            raise _refusal(fact)
        await self._contacts.close(tx, contact, language=request.language)
        await tx.record(fact)

    async def _at_kept_place(self, tx: Transaction, asked: Contact, request: Request) -> tuple[Contact, Request]:
        number = parse_phone(asked.callback_number)
        since = await place_store.use(tx, contact=asked.contact, number=number, person=None, now=self._clock.now())
        if since is None:
            return asked, request
        queue = await place_store.queue_of(tx, asked.contact)
        return replace(asked, waiting_since=since, queue=queue), replace(request, queue=queue)

    async def _once_given_up(self, tx: Transaction, asked: Contact, request: Request) -> tuple[Contact, Request]:
        """Go on with what was given up, for whom and in which queue it was: we wrote to this telephone that nothing is lost."""
        number = parse_phone(asked.callback_number)
        row = await counting_store.given_up(tx, number=number, of_anybody=True) if number else None
        if row is None or await store.find_open(tx, number=None, person=row.person) is not None:
            return asked, request
        since = min(row.first_requested_at, asked.waiting_since or asked.opened_at)
        queue = row.queue if request.queue == self._policy.stranded_queue else request.queue
        return replace(asked, waiting_since=since, queue=queue, person=row.person), replace(request, queue=queue)


def _contact_of(request: Request) -> ContactId:
    """Return the contact that this request has, whoever asks how often: the key itself may tell something, so its hash."""
    return ContactId(f"con_{sha256(f'{request.system}|{request.key}'.encode()).hexdigest()[:32]}")


def _wanted(request: Request) -> Wanted:
    return Wanted(
        queue=request.queue,
        language=request.language,
        reason=request.reason or "request",
        slot_at=request.slot_at,
        bound_to=request.bound_to,
        deputy=request.deputy,
    )


def _refusal(fact: CallbackNotPossible) -> ConflictError:
    known: dict[str, ConflictError] = {TOO_MANY: TooManyPromisesError(), SLOT_TAKEN: SlotTakenError()}
    return known.get(fact.reason, NumberNotAllowedError(fact.reason))
