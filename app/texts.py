"""What follows on facts as texts: the place of a dropped line, notices; and which still are of use."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from app import follow_ups, meeting_texts
from app.promises import instead_of_writing, when
from app.reaction_tables import Table
from cases.errors import CasesUnavailableError
from cases.events import CaseEventKind, CaseEventReceived
from cases.model import CannotSee
from core.clock import STOCKHOLM
from core.errors import ConflictError
from core.events import Event
from core.ids import CallbackId, ContactId, Subject
from core.language import Language
from core.phone import parse_phone
from identity.binding import Binding, Kind
from identity.bindings import Lifetime
from identity.events import NumberAsked
from skills_routing.model import Need
from sms.answering import Answer
from sms.answers import Phrase, names_for
from sms.events import TextEnded, TextIntended, TextReceived, WrittenBegan, WrittenWithdrawn
from sms.model import OVER, Message, Purpose
from sms.wording import in_words
from storage.redis import LiveStoreUnavailableError
from webhooks.model import Happening

if TYPE_CHECKING:
    from app.wiring import Rooms
    from callbacks.events import CallbackDue, CallbackPromised
    from callbacks.model import Callback
    from contacts.model import Contact
    from sms.service import Received, Sms
    from storage.database import Transaction

SEND = "sms.send_text"
"""A job that sends one text, if it is due. It only wakes: the sweeper finds what is due, too."""

RING_AGAIN = timedelta(seconds=10)
"""So long is waited before somebody whose line broke is written to: most ring again at once."""


A_WHILE = timedelta(seconds=30)
"""Whoever asked so long ago, and was given up, has a place of before to speak of."""

STALE = timedelta(days=3)
"""A notice that could not be sent for so long tells nothing new."""
_READ_FOR_BENEFIT = 3
_GENERAL = "allmant"
CALL_IS_SOON = timedelta(minutes=20)

KINDS: Mapping[CaseEventKind, tuple[Kind, str]] = {
    CaseEventKind.PAYMENT_SET: (Kind.ON_PAYMENT, "notice_payment_set"),
    CaseEventKind.PAYMENT_CHANGED: (Kind.ON_PAYMENT, "notice_payment_changed"),
    CaseEventKind.DECIDED: (Kind.ON_DECISION, "notice_decision"),
    CaseEventKind.MISSING: (Kind.ON_MISSING, "notice_missing"),
}
"""What has happened → what somebody has to have asked for, and the text."""

CALLBACK = "notice_callback"
_ASKED_FOR = {name: kind for kind, name in KINDS.values()} | {CALLBACK: Kind.ON_CALLBACK}


def table_of(rooms: "Rooms") -> Table:
    """Return who reacts to what is written to us, or is to be written."""
    return {
        TextIntended: (lambda fact: wake(rooms, fact.message),),
        TextReceived: (rooms.answering.answer,),
        WrittenBegan: (lambda fact: begin_written(rooms, fact),),
        WrittenWithdrawn: (lambda fact: withdraw_written(rooms, fact),),
        NumberAsked: (lambda fact: ask_telephone(rooms, fact),),
        CaseEventReceived: (lambda fact: notice_of_case(rooms, fact),),
    }


async def wake(rooms: "Rooms", message: str) -> None:
    """Have a worker send an answer at once; two wakes for the same attempt are one.

    All else is the sweeper's, many at a time: thousands of notices would keep a worker, which does one job after the
    other, from bringing promises in.
    """
    async with rooms.database.reading() as tx:
        text = await rooms.sms.get(tx, message)
    if text.purpose is Purpose.ANSWER and text.next_at is not None and text.next_at <= rooms.clock.now():
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


async def still_wanted(rooms: "Rooms", message: Message) -> bool:
    """Tell whether a text still is of use just before it is sent.

    The place of a dropped line is not, once it is taken or there is a promise; nor what is somebody's own, once the number
    is no longer theirs. Whoever has written STOPP meanwhile gets nothing.
    """
    if message.purpose is Purpose.ANSWER:
        return message.contact is None or await _is_theirs(rooms, message)
    if await rooms.sms.is_opted_out(message.number):
        return False
    if message.purpose in meeting_texts.PURPOSES:
        return await meeting_texts.still_wanted(rooms, message)
    if message.purpose is Purpose.QUESTION:
        return await follow_ups.still_wanted(rooms, message)
    if message.purpose is Purpose.NOTICE:
        return await _is_asked_for(rooms, message)
    if message.purpose is Purpose.CUT_OFF:
        return await _is_open(rooms, message)
    if message.purpose is not Purpose.PLACE_KEPT or message.contact is None:
        return True
    return await rooms.callbacks.may_still_take_place(message.contact)


async def _is_theirs(rooms: "Rooms", message: Message) -> bool:
    async with rooms.database.reading() as tx:
        return isinstance(await rooms.bindings.owner(tx, message.number), Binding)


# --- that we ring, when, from which number, how often, and the code that proves us ----------------------------------


async def promise_to_ring(rooms: "Rooms", received: "Received", language: Language) -> Answer:
    """Promise to ring back whoever wrote, and return the text that says so, or why not."""
    try:
        made = await rooms.callbacks.by_text(key=received.received, number=received.number, language=language)
    except ConflictError:
        return Answer("not_possible", language=language)
    name = "promised_already"
    if made.is_new:
        has_waited = made.promise.promised_at - made.promise.first_requested_at >= A_WHILE
        had_place = has_waited or await rooms.callbacks.place_of_dropped(made.promise.contact) is not None
        name = "promised" if had_place else "promised_from_now"
    async with rooms.database.transaction() as tx:
        if made.is_new:
            callback = made.promise.callback
            await rooms.answering.written.promised(tx, received.number, callback, at=rooms.clock.now())
        values = await promise_values(rooms, tx, made.promise, language)
    return Answer(name, values, language)


async def ring_instead(rooms: "Rooms", row: "Contact") -> None:
    """Promise to ring whoever has written, in the queue in which an agent has read it, and write to them that we will.

    Raises why there is no promise. Asked again for the same contact, it promises and writes nothing more.
    """
    made = await rooms.callbacks.by_system(instead_of_writing(row))
    async with rooms.database.transaction() as tx:
        await rooms.contacts.promised(tx, row.contact, made.promise.callback)
        await rooms.sms.intend(
            tx, purpose=Purpose.ANSWER, subject=f"ring:{row.contact}", number=parse_phone(row.caller),
            language=row.language, name="promised_from_now" if made.is_new else "promised_already",
            values=await promise_values(rooms, tx, made.promise, row.language),
        )  # fmt: skip


async def cut_off(rooms: "Rooms", fact: "CallbackPromised") -> None:
    """Write to whom a fault of ours cut off that we ring, where a text reaches them: then they know us by its code."""
    async with rooms.database.transaction() as tx:
        promise = await rooms.callbacks.get(tx, fact.callback)
        if not promise.is_after_fault or promise.proof or not promise.is_open:
            return
        values = await promise_values(rooms, tx, promise, promise.language)
        sent = await rooms.sms.intend(
            tx, purpose=Purpose.CUT_OFF, subject=promise.callback, name="cut_off", number=promise.number,
            language=promise.language, contact=promise.contact, values=values,
        )  # fmt: skip
        if not isinstance(sent, Message):
            await rooms.callbacks.code_not_told(tx, promise.callback)


async def _is_open(rooms: "Rooms", message: Message) -> bool:
    """Tell whether the promise that a text tells of still is to be kept."""
    _purpose, _, callback = message.key.partition(":")
    async with rooms.database.reading() as tx:
        return (await rooms.callbacks.get(tx, CallbackId(callback))).is_open


async def given_up(rooms: "Rooms", callback: CallbackId) -> None:
    """Write to whom we did not reach in all our attempts how to be rung after all."""
    async with rooms.database.transaction() as tx:
        promise = await rooms.callbacks.get(tx, callback)
        await rooms.sms.intend(
            tx, purpose=Purpose.CALLBACK_GIVEN_UP, subject=callback, name="callback_given_up", number=promise.number,
            language=promise.language, contact=promise.contact,
        )  # fmt: skip


async def promise_values(rooms: "Rooms", tx: "Transaction", promise: "Callback", language: Language) -> dict[str, str]:
    """Return what a text tells of a promise: when we ring, how often we try, and the code that proves us."""
    policy = rooms.callbacks.policy
    phrase = Phrase(*when(promise, policy, now=rooms.clock.now()))
    code = await rooms.callbacks.code_to_tell(tx, promise.callback)
    return {
        "when": rooms.sms.lines([phrase], language, names=lambda _: None),
        "code": f"{code[:3]} {code[3:]}",
        "tries": str(policy.most_attempts),
    }


# --- what a person is to read ----------------------------------------------------------------------------------------


async def begin_written(rooms: "Rooms", fact: WrittenBegan) -> None:
    """Let somebody who has written wait for an agent; a fact may be told twice."""
    async with rooms.database.reading() as tx:
        row = await rooms.contacts.get(tx, fact.contact)
        number = parse_phone(row.caller)
        bound = await rooms.bindings.of_number(tx, number) if number else ()
        texts = await rooms.sms.written_from(tx, number, limit=_READ_FOR_BENEFIT) if number else ()
    await rooms.routing.written.enter(
        fact.contact,
        queue=_queue_for(rooms, [text for at, text in texts if at > fact.occurred_at - STALE]),
        language=fact.language,
        waiting_since=fact.occurred_at,
        preferred_agent=fact.agent,
        needs=await _needs_of(rooms, bound),
    )


async def withdraw_written(rooms: "Rooms", fact: WrittenWithdrawn) -> None:
    """Take somebody out of the line who is not to be answered in writing after all."""
    await rooms.routing.leave(fact.contact, reason=fact.reason)


async def _needs_of(rooms: "Rooms", bound: Sequence[Binding]) -> frozenset[Need]:
    """Return what whoever reads it needs besides: clearance, if the number may be that of somebody protected.

    Also while the case systems cannot tell: the agent sees the number.
    """
    cards = [await rooms.cases.card(one.subject) for one in bound]
    if any(isinstance(card, CannotSee) or card.protected for card in cards):
        return await rooms.routing.staffing.for_protected()
    return frozenset()


def _queue_for(rooms: "Rooms", texts: Sequence[str]) -> str:
    """Return the queue of the benefit that the newest of these texts names; the general one when none does."""
    queues = {benefit: queue.id for queue in rooms.configuration.routing.queues.values() for benefit in queue.benefits}
    for text in texts:
        for benefit in rooms.cases.catalogue.named_in(text):
            if benefit in queues:
                return queues[benefit]
    return _GENERAL


# --- what we write by ourselves, because somebody has asked for it ----------------------------------------------------


def lifetime_of(sms: "Sms") -> Lifetime:
    """Return how long a number counts as somebody's, as the wording file has it just now."""
    return Lifetime(holds=sms.policy.binding_holds, answer_within=sms.policy.question_lapses)


async def ask_telephone(rooms: "Rooms", fact: NumberAsked) -> None:
    """Ask the telephone itself whether this is right: the number that a network tells proves nobody."""
    async with rooms.database.transaction() as tx:
        asked = await rooms.bindings.get(tx, fact.binding)
        if asked is None or asked.ended_at is not None or asked.confirmed_at is not None:
            return
        await rooms.sms.ask(
            tx, number=asked.number, name="confirm_number", subject=asked.binding, language=asked.language
        )


async def notice_of_case(rooms: "Rooms", fact: CaseEventReceived) -> None:
    """Write of something that has happened in the agency's systems."""
    if fact.kind not in KINDS:  # it is a matter for a handler, who speaks with the citizen: no text tells of sickness
        return
    kind, name = KINDS[fact.kind]
    now = rooms.clock.now()
    expires_at = _end_of_day(fact) or now + STALE
    if expires_at <= now:
        return
    for one in await _wanting(rooms, fact.subject, kind):
        phrases = [Phrase(name, {"benefit": fact.benefit, **({"date": fact.on} if fact.on else {})})]
        names = names_for(phrases, rooms.cases.catalogue, one.language)
        values = in_words(phrases[0].values, one.language, names=names)
        await _write(rooms, one, name=name, about=fact.event, values=values, until=expires_at)


async def notice_of_callback(rooms: "Rooms", fact: "CallbackDue") -> None:
    """Write that we will soon ring, once for a promise; not when it was made just now, for then they know."""
    now = rooms.clock.now()
    async with rooms.database.reading() as tx:
        promise = await rooms.callbacks.get(tx, fact.callback)
        bound = await rooms.bindings.of_person(tx, promise.person) if promise.person else ()
    if now < promise.promised_at + CALL_IS_SOON:
        return
    for one in bound:
        if one.number == promise.number and Kind.ON_CALLBACK in one.allowed:
            with suppress(CasesUnavailableError):  # the call comes, with or without its notice
                if await _may_hear(rooms, one):
                    await _write(rooms, one, name=CALLBACK, about=fact.callback, values={}, until=now + CALL_IS_SOON)


async def _is_asked_for(rooms: "Rooms", message: Message) -> bool:
    """Tell, just before it is sent, whether a notice is still asked for by whoever the number belongs to."""
    _purpose, *about = message.key.split(":")
    if len(about) != 3 or about[-1] not in _ASKED_FOR:
        return True  # another system had it sent, and knows why
    _about, binding, name = about
    async with rooms.database.reading() as tx:
        one, whose = await rooms.bindings.get(tx, binding), await rooms.bindings.owner(tx, message.number)
    return one is not None and isinstance(whose, Binding) and _ASKED_FOR[name] in one.allowed and not one.ended_at


async def _wanting(rooms: "Rooms", subject: Subject, kind: Kind) -> list[Binding]:
    async with rooms.database.reading() as tx:
        bound = await rooms.bindings.of_subject(tx, subject)
    return [one for one in bound if kind in one.allowed and await _may_hear(rooms, one)]


async def _may_hear(rooms: "Rooms", one: Binding) -> bool:
    """Tell whether a number may have what is its owner's: it is not shared, and they are not protected.

    Raises :class:`~cases.errors.CasesUnavailableError` when nobody can tell; the fact is told again then.
    """
    async with rooms.database.reading() as tx:
        if not isinstance(await rooms.bindings.owner(tx, one.number), Binding):
            return False
    person = await rooms.cases.card(one.subject)
    if isinstance(person, CannotSee):
        raise CasesUnavailableError(person.reason)
    return not person.protected


async def _write(
    rooms: "Rooms", one: Binding, *, name: str, about: str, values: Mapping[str, str], until: datetime
) -> None:
    async with rooms.database.transaction() as tx:
        await rooms.sms.intend(
            tx, purpose=Purpose.NOTICE, subject=f"{about}:{one.binding}:{name}", name=name, number=one.number,
            language=one.language, values=values, expires_at=until,
        )  # fmt: skip


def _end_of_day(fact: CaseEventReceived) -> datetime | None:
    """Return until when a day that money comes on is worth writing of: the end of it."""
    if fact.on is None:
        return None
    day_after = fact.on + timedelta(days=1)
    return datetime.combine(day_after, time(), tzinfo=STOCKHOLM).astimezone(UTC)


# --- what other systems are told of texts: ids and names only ---------------------------------------------------------


def _told_of_end(fact: TextEnded) -> Happening:
    """Tell the system that had a text sent what became of it."""
    data = {"message": fact.message}
    return Happening(type=f"text.{fact.state}", data=data, occurred_at=fact.occurred_at, to=fact.system)


def _told_of_receipt(fact: TextReceived) -> Happening:
    """Tell that somebody wrote: who and what is read as a thread, by whoever may."""
    data = {"received": fact.received, "keyword": str(fact.keyword)}
    return Happening(type="text.received", data=data, occurred_at=fact.occurred_at)


TELLINGS: Mapping[type[Event], Callable[[Any], Happening]] = {TextEnded: _told_of_end, TextReceived: _told_of_receipt}
TYPES_TOLD = (*(f"text.{state}" for state in OVER), "text.received")
