"""Takes in what citizens write. Each text is kept once, in the transaction of its effect (I-19, I-28)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from contacts.text import several_lines
from core.errors import NotFoundError
from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber, parse_phone
from sms import store
from sms.dialogue import ASK, Question, meant
from sms.events import TextReceived
from sms.keywords import Keyword
from sms.model import Message, Purpose, Refused, State
from sms.part import Part
from storage.database import Transaction
from storage.inbox import first_time

LONGEST_KEPT = 2_000
LOOKED_BACK = 50
"""So many of the newest texts to a number are looked at for what it was asked."""


@dataclass(frozen=True)
class Received:
    """What somebody wrote: harmless to keep, and still hostile to whoever shows it."""

    received: str
    number: PhoneNumber
    keyword: Keyword
    text: str = field(repr=False)


class Receiving(Part):
    """How texts come in."""

    async def receive(self, *, provider: str, provider_id: str, number: str, text: str) -> Received | None:
        """Take in one text; ``None`` when it was taken in before, or comes from nobody who can be answered.

        It is understood by the question that stands open, which ends with it. STOPP and START hold from the commit of
        this very transaction; whatever else follows on the fact.
        """
        sender, now = parse_phone(number), self._clock.now()
        if sender is None:
            return None
        name = f"smr_{sha256(f'{provider}|{provider_id}'.encode('utf-8', 'replace')).hexdigest()[:32]}"
        async with self.database.transaction() as tx:
            if not await first_time(tx, f"sms:{name}", now=now) or await store.was_received(tx, name):
                return None
            question = await store.take_question(tx, sender)
            keyword = meant(text, question, at=now, lapses_after=self.policy.question_lapses)
            kept = several_lines(text[: LONGEST_KEPT * 2], most=LONGEST_KEPT)
            row = {"received": name, "number": sender.e164, "text": kept, "keyword": keyword, "received_at": now}
            await tx.execute(store.received.insert().values(**row))
            if keyword is Keyword.STOP:
                await store.opt_out(tx, sender, now=now)
            elif keyword is Keyword.START:
                await store.opt_in(tx, sender)
            await tx.record(TextReceived(occurred_at=now, received=name, keyword=keyword))
        return Received(name, sender, keyword, kept)

    async def received(self, received: str) -> Received:
        """Return what was taken in under a name of ours; raises ``NotFoundError``."""
        async with self.database.reading() as tx:
            row = (await tx.execute(store.received.select().where(store.received.c.received == received))).one_or_none()
        if row is None:
            raise NotFoundError(received)
        return Received(row.received, PhoneNumber(row.number), Keyword(row.keyword), row.text)

    async def written_from(
        self, tx: Transaction, number: PhoneNumber, *, limit: int = 50
    ) -> list[tuple[datetime, str]]:
        """Return what was written from a number, the newest first: when it came, and the text, which is hostile."""
        return await store.written_from(tx, number, limit=limit)

    async def answer(
        self,
        tx: Transaction,
        to: Received,
        name: str,
        *,
        values: Mapping[str, str] | None = None,
        language: Language | None = None,
        contact: ContactId | None = None,
    ) -> Message | Refused:
        """Answer what was taken in, at most once. Whoever wrote STOPP is told once that it holds."""
        stopped = to.keyword is Keyword.STOP
        answered = await self.intend(
            tx, purpose=Purpose.ANSWER, subject=to.received, name=name, number=to.number, values=values,
            language=language or await self.language_of(tx, to.number), even_if_opted_out=stopped, contact=contact,
        )  # fmt: skip
        await self._ask_by_text(tx, to.number, name, answered)
        return answered

    async def ask(
        self, tx: Transaction, *, number: PhoneNumber, name: str, subject: str, language: Language
    ) -> Message | Refused:
        """Ask a number something by ourselves, once for each subject, because of what its owner has just done."""
        asked = await self.intend(
            tx, purpose=Purpose.ANSWER, subject=subject, name=name, number=number, language=language
        )
        await self._ask_by_text(tx, number, name, asked)
        return asked

    async def ask_later(
        self,
        tx: Transaction,
        *,
        number: PhoneNumber,
        name: str,
        about: str,
        language: Language,
        not_before: datetime,
        expires_at: datetime,
    ) -> Message | Refused:
        """Ask a number something on another day, once for what it is ``about``; the question stands open once it is sent."""
        return await self.intend(
            tx, purpose=Purpose.QUESTION, subject=f"{name}:{about}", name=name, number=number, language=language,
            not_before=not_before, expires_at=expires_at,
        )  # fmt: skip

    async def asked_about(self, tx: Transaction, number: PhoneNumber) -> str | None:
        """Return what the newest question that was asked on another day is about; ``None`` when there was none."""
        texts = await store.listed(tx, number=number, limit=LOOKED_BACK)
        sent = (one for one in texts if one.purpose is Purpose.QUESTION and one.attempts)
        return next((one.key.rpartition(":")[2] for one in sent), None)

    async def _ask_by_text(self, tx: Transaction, number: PhoneNumber, name: str, sent: Message | Refused) -> None:
        """Note the question that a text asks; one that is told again after it was answered is not asked anew."""
        if name in ASK and isinstance(sent, Message) and sent.state is State.WAITING:
            await store.ask(tx, number, Question(name, sent.created_at))
