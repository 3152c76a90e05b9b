"""What both directions stand on: the database, the clock, the wording, and how a text comes to be meant."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import structlog

from core.clock import Clock
from core.ids import ContactId, NewId
from core.language import Language
from core.phone import PhoneNumber
from sms import counting_store, store
from sms.answers import NameOf, Phrase
from sms.counting_store import Caps
from sms.errors import TextNotFoundError
from sms.events import TextIntended
from sms.gsm import Written
from sms.model import Message, Policy, Purpose, Refused, State
from sms.wording import Texts, stands_alone
from storage.database import Database, Transaction

log = structlog.get_logger()

IsKnown = Callable[[Transaction, PhoneNumber], Awaitable[bool]]
"""Tells whether a number has to do with us already: whoever has is served when a cap for everybody is reached."""


async def nobody_is_known(_tx: Transaction, _number: PhoneNumber) -> bool:
    """Return that no number has to do with us."""
    return False


class Part:
    """What both directions stand on. ``own_number`` is our number as it is read."""

    is_on = True
    """Whether there is a provider; without one nothing is meant to be sent."""

    def __init__(self, *, database: Database, clock: Clock, new_id: NewId, texts: Texts, own_number: str) -> None:
        self.database = database
        self._clock = clock
        self._new_id = new_id
        self._texts = texts
        self._own_number = own_number
        self.is_known: IsKnown = nobody_is_known

    def renew(self, texts: Texts) -> None:
        """Go by other texts from now on."""
        self._texts = texts

    @property
    def policy(self) -> Policy:
        """How texts are sent just now."""
        return self._texts.policy

    @property
    def own_number(self) -> str:
        """Our number, as it is read."""
        return self._own_number

    async def get(self, tx: Transaction, message: str) -> Message:
        """Return a text; raises :class:`TextNotFoundError`."""
        row = await store.find(tx, message)
        if row is None:
            raise TextNotFoundError(message)
        return row

    def lines(self, told: Sequence[Phrase], language: Language, *, names: NameOf) -> str:
        """Return phrases of the wording file as they are written one after the other."""
        return self._texts.lines(told, language, names=names)

    async def is_opted_out(self, number: PhoneNumber) -> bool:
        """Tell whether a number wants no texts."""
        async with self.database.reading() as tx:
            return await store.is_opted_out(tx, number)

    def stands_alone(self, name: str) -> bool:
        """Tell whether the text of a name can be sent to anybody at any time."""
        return stands_alone(self._texts, name)

    async def caps(self) -> Caps:
        """Return how near the caps on what we send are."""
        async with self.database.reading() as tx:
            return await counting_store.caps(tx, self.policy, now=self._clock.now())

    async def _is_too_many(self, tx: Transaction, number: PhoneNumber, now: datetime) -> bool:
        recent = await store.recent(tx, number, now=now)
        if self.policy.is_too_many(recent):
            return True
        return self.policy.is_too_many_for_strangers(recent) and not await self.is_known(tx, number)

    async def language_of(self, tx: Transaction, number: PhoneNumber) -> Language:
        """Return the language that we last wrote to a number in; Swedish when we never did."""
        written_before = await store.listed(tx, number=number, limit=1)
        return written_before[0].language if written_before else Language.SWEDISH

    async def intend(
        self,
        tx: Transaction,
        *,
        purpose: Purpose,
        subject: str,
        name: str,
        number: PhoneNumber | None,
        language: Language = Language.SWEDISH,
        values: Mapping[str, str] | None = None,
        contact: ContactId | None = None,
        not_before: datetime | None = None,
        expires_at: datetime | None = None,
        even_if_opted_out: bool = False,
        system: str = "",
    ) -> Message | Refused:
        """Mean to send the text ``name`` of the wording file, once for this purpose and subject; or say why not.

        It is written in this transaction, and sent after its commit. Asked again, the answer is the text that there is.
        ``system`` is the other system that has it sent, if one has.
        """
        return await self._mean(
            tx, purpose=purpose, subject=subject, number=number, language=language, contact=contact,
            not_before=not_before, expires_at=expires_at, even_if_opted_out=even_if_opted_out,
            system=system,
            write=lambda: self._texts.write(name, language, {"number": self._own_number} | dict(values or {})),
        )  # fmt: skip

    async def _mean(
        self,
        tx: Transaction,
        *,
        purpose: Purpose,
        subject: str,
        number: PhoneNumber | None,
        language: Language,
        write: Callable[[], Written],
        contact: ContactId | None = None,
        not_before: datetime | None = None,
        expires_at: datetime | None = None,
        even_if_opted_out: bool = False,
        at_once: bool = False,
        system: str = "",
    ) -> Message | Refused:
        now, key = self._clock.now(), f"{purpose}:{subject}"
        if (there := await store.find_by_key(tx, key)) is not None:
            return there
        if not self.is_on:
            return Refused.OFF
        if number is None or not number.is_swedish_mobile:
            return Refused.NOT_MOBILE
        if await store.is_opted_out(tx, number) and not even_if_opted_out:
            return Refused.OPTED_OUT
        if await self._is_too_many(tx, number, now):
            log.warning("sms.too_many", purpose=purpose, number=number.masked)
            return Refused.TOO_MANY
        text, may_go_at = write(), max(now, not_before or now)
        new = Message(
            message=self._new_id("sms"), key=key, purpose=purpose, number=number, language=language, text=text.text,
            encoding=text.encoding, segments=text.segments, state=State.WAITING, created_at=now, contact=contact,
            system=system,
            next_at=may_go_at if at_once else self.policy.not_before(purpose, at=may_go_at), expires_at=expires_at,
        )  # fmt: skip
        if not await store.add(tx, new):
            return await store.find_by_key(tx, key) or Refused.NOT_WANTED
        await tx.record(TextIntended(occurred_at=now, message=new.message, contact=contact))
        return new
