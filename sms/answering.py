"""Does what citizens write to us, and answers it once. What is anybody's own goes only to a number that is known as theirs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from cases.model import CannotSee, PersonCard
from cases.service import Cases
from contacts.model import Channel
from contacts.service import Contacts
from core.errors import UnavailableError
from core.ids import ContactId
from core.language import Language
from identity.binding import Binding, Kind, Nobody
from identity.bindings import Bindings
from identity.model import Assurance
from sms.answers import Told, names_for, of_matters, of_payments
from sms.events import TextReceived
from sms.keywords import Keyword, language_of
from sms.meeting_answers import MEETING, NO_ANSWER, in_text
from sms.service import Received, Sms
from sms.written import CALLED, WrittenTexts, contact_of
from storage.database import Transaction

BY_TEXT = "text"
"""By whom a number was let go of, as the chain of audit says it."""


@dataclass(frozen=True)
class Answer:
    """The name of a text, with what it tells and in which language. ``about`` is whose own matters it tells of.

    ``kind`` is the kind of answer that it is; without one, nothing that was asked is answered by it.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    language: Language | None = None
    about: Binding | None = None
    kind: str = ""


Promise = Callable[[Received, Language], Awaitable[Answer]]
"""Promises to ring back whoever wrote, once for each text, and returns the text that says so, or why not."""


Meets = Callable[[Received, Binding, ContactId], Awaitable[tuple[str, Mapping[str, str | datetime]]]]
"""Does what somebody wrote about meetings whose number it is, once for each text, in the contact that this is; returns the
name of the text that says so, and its values. Raises ``UnavailableError``."""


Hears = Callable[[str, str], Awaitable[None]]
"""Keeps what somebody answered in their own words: what they were asked about, and the text, which is hostile."""


class Answering:
    """Answers what citizens write. Without ``meets`` meetings are for the telephone."""

    meets: Meets | None = None
    hears: Hears | None = None

    def __init__(self, *, sms: Sms, bindings: Bindings, cases: Cases, contacts: Contacts, promise: Promise) -> None:
        self._sms = sms
        self._bindings = bindings
        self._cases = cases
        self._contacts = contacts
        self._promise_to_ring = promise
        self.written = WrittenTexts(sms=sms, contacts=contacts)

    async def answer(self, fact: TextReceived) -> None:
        """Do what a citizen wrote, and answer it once; a fact may be told twice."""
        received = await self._sms.received(fact.received)
        if await self.written.take(received, at=fact.occurred_at):
            return
        told = await _DO[received.keyword](self, received)
        async with self._sms.database.transaction() as tx:
            told = await self._if_still_theirs(tx, received, told)
            contact = await self._served(tx, received, told)
            language = _language(received, told.language)
            await self._sms.answer(tx, received, told.name, values=told.values, language=language, contact=contact)

    async def _if_still_theirs(self, tx: Transaction, received: Received, told: Answer) -> Answer:
        """Take back what is somebody's own when the number stopped being theirs while we looked it up."""
        if told.about is None or isinstance(await self._bindings.owner(tx, received.number), Binding):
            return told
        return Answer("how_to_ask")

    async def _served(self, tx: Transaction, received: Received, told: Answer) -> ContactId | None:
        """Write into the ledger what somebody was told by text: one contact for one text; served only by an answer."""
        if told.about is None:
            return None
        contact = await self._known(tx, received, told.about)
        if told.kind:
            await self._contacts.answer_given(tx, contact, told.kind)
        await self._contacts.close(tx, contact, language=told.language)
        return contact

    async def _known(self, tx: Transaction, received: Received, whose: Binding) -> ContactId:
        """Have a contact for a text, with whose number it is."""
        contact, level = contact_of(received), int(Assurance.KNOWN_NUMBER)
        await self._contacts.open(tx, contact=contact, channel=Channel.SMS, called=CALLED, caller=received.number.e164)
        await self._contacts.identified(tx, contact, person=whose.person, subject=whose.subject, level=level)
        return contact

    async def _meet(self, received: Received) -> Answer:
        """Do what is written about meetings; the contact is there before, so that its outcome is the meeting."""
        whose = await self._theirs(received)
        if self.meets is None or isinstance(whose, Answer):
            return whose if isinstance(whose, Answer) and whose.name == "cannot_see" else Answer(MEETING)
        async with self._sms.database.transaction() as tx:
            contact = await self._known(tx, received, whose)
        language = _language(received, whose.language) or whose.language
        try:
            name, values = await self.meets(received, replace(whose, language=language), contact)
        except UnavailableError:
            return Answer("cannot_see", language=language, about=whose)
        told = in_text(values, language, write=lambda one: self._sms.lines([one], language, names=lambda _: None))
        return Answer(name, told, language, about=whose, kind="" if name in NO_ANSWER else MEETING)

    async def _own_words(self, received: Received) -> Answer:
        async with self._sms.database.reading() as tx:
            about = await self._sms.asked_about(tx, received.number)
        if about is not None and self.hears is not None:
            await self.hears(about, received.text)
        return Answer("follow_up_thanks")

    async def _payment(self, received: Received) -> Answer:
        whose = await self._theirs(received, Kind.PAYMENT)
        if isinstance(whose, Answer):
            return whose
        payments = await self._cases.next_payments(whose.subject)
        if isinstance(payments, CannotSee):
            return Answer("cannot_see", language=whose.language)
        return self._content(received, whose, of_payments(payments, amounts=Kind.AMOUNT in whose.allowed), "payment")

    async def _status(self, received: Received) -> Answer:
        whose = await self._theirs(received, Kind.STATUS)
        if isinstance(whose, Answer):
            return whose
        matters = await self._cases.case_status(whose.subject)
        if isinstance(matters, CannotSee):
            return Answer("cannot_see", language=whose.language)
        return self._content(received, whose, of_matters(matters), "case_status")

    def _content(self, received: Received, whose: Binding, told: Told, kind: str) -> Answer:
        language = _language(received, whose.language) or whose.language
        names = names_for(told.phrases, self._cases.catalogue, language)
        lines = self._sms.lines(told.phrases, language, names=names)
        name = "content" if told.is_all else "content_more"
        return Answer(name, {"lines": lines}, language, about=whose, kind=kind if told.is_answer else "")

    async def _theirs(self, received: Received, kind: Kind | None = None) -> Binding | Answer:
        """Return whose number it is, or what is said instead: the same to a stranger and to somebody with protected identity."""
        async with self._sms.database.reading() as tx:
            whose = await self._bindings.owner(tx, received.number)
        if isinstance(whose, Nobody):
            return Answer("shared" if whose is Nobody.SHARED else "how_to_ask")
        person = await self._cases.card(whose.subject)
        if isinstance(person, CannotSee):
            return Answer("cannot_see", language=whose.language)
        if person.protected:
            return Answer("how_to_ask")
        if kind is not None and kind not in whose.allowed:
            return Answer("not_allowed", language=whose.language)
        return _in_their_language(whose, person)

    async def _yes_mine(self, received: Received) -> Answer:
        await self._bindings.answer(received.number, is_right=True)
        async with self._sms.database.reading() as tx:
            whose = await self._bindings.owner(tx, received.number)
        if isinstance(whose, Binding):
            return Answer("number_bound", language=whose.language)
        return Answer("shared" if whose is Nobody.SHARED else "number_not_asked")

    async def _not_mine(self, received: Received) -> Answer:
        await self._bindings.answer(received.number, is_right=False)
        return Answer("not_mine")

    async def _forget(self, received: Received) -> Answer:
        await self._bindings.unbind_number(received.number, by=BY_TEXT)
        return Answer("forgotten")

    async def _stop(self, received: Received) -> Answer:
        """Whoever wants no texts is not answered about their matters either, nor after START: the number may be another's."""
        await self._bindings.unbind_number(received.number, by=BY_TEXT)
        return Answer("stopped")

    async def _notify(self, received: Received) -> Answer:
        whose = await self._theirs(received)
        return whose if isinstance(whose, Answer) else Answer("notify", language=whose.language)

    async def _promise(self, received: Received) -> Answer:
        async with self._sms.database.reading() as tx:
            language = language_of(received.text) or await self._sms.language_of(tx, received.number)
        return await self._promise_to_ring(received, language)

    async def _allow(self, received: Received, kind: Kind) -> Answer:
        whose = await self._theirs(received)
        if isinstance(whose, Answer):
            return whose
        await self._bindings.allow(whose.binding, {kind}, by=BY_TEXT)
        return Answer("notify_on", language=whose.language)


def _language(received: Received, known: Language | None) -> Language | None:
    """Return the language to answer in; ``None``: that of the last text. Our words are Swedish also to who reads English."""
    written = language_of(received.text)
    return known if known is Language.ENGLISH else written or known


def _in_their_language(whose: Binding, person: PersonCard) -> Binding:
    english = Language.ENGLISH in (whose.language, person.language)
    return replace(whose, language=Language.ENGLISH if english else Language.SWEDISH)


Does = Callable[[Answering, Received], Awaitable[Answer]]


def _say(name: str) -> Does:
    async def says(_answering: Answering, _received: Received) -> Answer:
        return Answer(name)

    return says


def _notify_on(kind: Kind) -> Does:
    async def allows(answering: Answering, received: Received) -> Answer:
        return await answering._allow(received, kind)

    return allows


_DO: Mapping[Keyword, Does] = {
    Keyword.CALL: Answering._promise,
    Keyword.PAYMENT: Answering._payment,
    Keyword.STATUS: Answering._status,
    Keyword.BOOK: Answering._meet,
    Keyword.MOVE: Answering._meet,
    Keyword.CANCEL: Answering._meet,
    Keyword.NOTIFY: Answering._notify,
    Keyword.FORGET: Answering._forget,
    Keyword.STOP: Answering._stop,
    Keyword.START: _say("started"),
    Keyword.HELP: _say("help"),
    Keyword.HUMAN: _say("help"),  # never: WrittenTexts takes each of them
    Keyword.OTHER: _say("other"),
    Keyword.THANKS: _say("thanks"),
    Keyword.YES_MINE: Answering._yes_mine,
    Keyword.NOT_MINE: Answering._not_mine,
    Keyword.ON_PAYMENT: _notify_on(Kind.ON_PAYMENT),
    Keyword.ON_DECISION: _notify_on(Kind.ON_DECISION),
    Keyword.ON_MISSING: _notify_on(Kind.ON_MISSING),
    Keyword.ON_CALLBACK: _notify_on(Kind.ON_CALLBACK),
    Keyword.NOTHING: _say("nothing_done"),
    Keyword.POSTCODE: Answering._meet,
    Keyword.TIME_1: Answering._meet,
    Keyword.TIME_2: Answering._meet,
    Keyword.TIME_3: Answering._meet,
    Keyword.OTHER_TIMES: Answering._meet,
    Keyword.SURE: Answering._meet,
    Keyword.NOT_SURE: Answering._meet,
    Keyword.OWN_WORDS: Answering._own_words,
    Keyword.TOO_LATE: _say("question_over"),
}
"""What was understood → what is done, and the answer from the wording file. A test sees that none is missing."""
