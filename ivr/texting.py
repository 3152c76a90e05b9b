"""Answers what the flow asks about answers by text: whether a number can be a person's, and what may be written to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from cases.model import CannotSee
from cases.service import Cases
from core.errors import KundcenterError, UnavailableError
from core.ids import ContactId
from core.phone import PhoneNumber, parse_phone
from identity.binding import Kind
from identity.bindings import Bindings
from identity.model import Assurance
from ivr.model import Inquiry, InquiryAnswered, InquiryName
from ivr.records import Records

log = structlog.get_logger()

CALL = "call"
"""By whom a binding was asked for, as the trail of audit says it."""


@dataclass(frozen=True)
class TextAnswers:
    """What keeps whose a number is, and who tells whether a number gets texts from us at all."""

    bindings: Bindings
    takes_texts: Callable[[PhoneNumber], Awaitable[bool]]


class Texting:
    """Answers inquiries; ``texts`` is ``None`` where none are sent. What was asked for in a call lives here, in memory."""

    def __init__(self, *, texts: TextAnswers | None, cases: Cases, records: Records) -> None:
        self._texts = texts
        self._cases = cases
        self._records = records
        self._asked: dict[ContactId, str] = {}

    def forget(self, contact: ContactId) -> None:
        """Let go of what was asked for in a call."""
        self._asked.pop(contact, None)

    async def answer(self, inquiry: Inquiry) -> InquiryAnswered:
        """Return the answer to an inquiry; what cannot be done just now is one, too."""
        refusal = "none" if inquiry.name is InquiryName.TEXT_OFFER else "failed"
        position = inquiry.position
        if self._texts is None or position.level < Assurance.CODE or not position.subject:
            return _said(inquiry, refusal)
        try:
            return _said(inquiry, await self._look(self._texts, inquiry))
        except KundcenterError as error:
            log.info("ivr.not_texted", contact=position.contact, kind=type(error).__name__)
            return _said(inquiry, refusal)

    async def _look(self, texts: TextAnswers, inquiry: Inquiry) -> str:
        position, bindings = inquiry.position, texts.bindings
        match inquiry.name:
            case InquiryName.TEXT_OFFER:
                return await self._offer(texts, inquiry)
            case InquiryName.TEXT_ASK:
                return await self._ask(texts, inquiry)
            case InquiryName.TEXT_AMOUNT:
                asked = self._asked.get(position.contact, "")
                return "allowed" if await bindings.allow(asked, {Kind.AMOUNT}, by=CALL) else "failed"
            case _:
                self.forget(position.contact)
                return "forgotten" if await bindings.unbind_person(position.person, by=CALL) else "none"

    async def _offer(self, texts: TextAnswers, inquiry: Inquiry) -> str:
        """Tell whether this number can be theirs. Somebody with protected identity hears nothing of texts, like a fixed line."""
        position = inquiry.position
        number = await self._number(texts, inquiry)
        if number is None or await self._is_protected(inquiry):
            return "none"
        if position.contact in self._asked:
            return "bound"
        return "bound" if await texts.bindings.confirm(position.person, number) else "offer"

    async def _ask(self, texts: TextAnswers, inquiry: Inquiry) -> str:
        position = inquiry.position
        number = await self._number(texts, inquiry)
        if number is None or await self._is_protected(inquiry):
            return "failed"
        asked = await texts.bindings.ask(
            person=position.person,
            subject=position.subject,
            number=number,
            language=position.language,
            by=CALL,
            contact=position.contact,
        )
        self._asked[position.contact] = asked.binding
        return "asked"

    async def _number(self, texts: TextAnswers, inquiry: Inquiry) -> PhoneNumber | None:
        """Return the mobile number that rings us, if it takes texts; the one that we rang belongs to whoever answers."""
        if inquiry.position.rung:
            return None
        number = parse_phone(await self._records.caller(inquiry.position.contact))
        if number is None or not number.is_swedish_mobile:
            return None
        return number if await texts.takes_texts(number) else None

    async def _is_protected(self, inquiry: Inquiry) -> bool:
        card = await self._cases.card(inquiry.position.subject)
        if isinstance(card, CannotSee):
            raise UnavailableError(card.reason)
        return card.protected


def _said(inquiry: Inquiry, result: str) -> InquiryAnswered:
    return InquiryAnswered(turn=inquiry.turn, result=result)
