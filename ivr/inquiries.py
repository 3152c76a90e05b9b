"""Has the engine's questions answered by the rooms that know. What cannot be seen is an answer, never an error."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from cases.model import CalendarAnswer, CannotSee, NextPayment
from cases.service import Cases
from core.clock import STOCKHOLM, Clock
from core.errors import UnavailableError
from core.ids import ContactId, Subject
from identity.errors import PersonnummerError
from identity.model import Assurance, Verification
from identity.personnummer import parse
from identity.service import Identity
from ivr import answers
from ivr.editions import Editions
from ivr.flow import needed_skills
from ivr.meeting_talk import UNAVAILABLE as OF_MEETINGS
from ivr.meeting_talk import MeetingTalk
from ivr.model import Inquiry, InquiryAnswered, InquiryName
from ivr.notice_board import NoticeBoard
from ivr.opening_hours import is_open, next_opening
from ivr.records import Records
from ivr.ringing_back import RingingBack
from ivr.spoken import Value
from ivr.texting import Texting
from storage.database import DatabaseUnavailableError
from telephony.model import Utterance

log = structlog.get_logger()


class Inquiries:
    """Answers inquiries. What a caller has keyed lives here, in memory, until the call ends."""

    def __init__(
        self,
        *,
        identity: Identity,
        cases: Cases,
        records: Records,
        clock: Clock,
        editions: Editions,
        notices: NoticeBoard,
        ringing_back: RingingBack,
        texting: Texting,
        meetings: MeetingTalk,
    ) -> None:
        self._identity = identity
        self._cases = cases
        self._records = records
        self._clock = clock
        self._editions = editions
        self._notices = notices
        self._ringing_back = ringing_back
        self._texting = texting
        self._meetings = meetings
        self._locating: dict[ContactId, asyncio.Task[Subject | None]] = {}

    async def answer(self, inquiry: Inquiry) -> InquiryAnswered | None:
        """Return the answer to an inquiry; ``None`` when it comes later, as a fact of another room."""
        match inquiry.name:
            case InquiryName.LOCATE | InquiryName.VERIFY_CODE:
                return await self._of_identity(inquiry)
            case InquiryName.HOW_TO_APPLY:
                return _result(inquiry, self._cases.catalogue.how_to_apply(inquiry.position.benefit))
            case InquiryName.NEXT_PAYMENTS | InquiryName.CASE_STATUS | InquiryName.CALENDAR:
                return await self._of_cases(inquiry)
            case InquiryName.HOURS | InquiryName.OPENING_HOURS:
                return self._of_hours(inquiry)
            case InquiryName.REQUEST_HUMAN:
                return await self._request_human(inquiry)
            case InquiryName.IDENTIFIED | InquiryName.IN_LINE:
                raise AssertionError("the position itself answers this")
            case _:
                return await self._of_others(inquiry)

    async def _of_others(self, inquiry: Inquiry) -> InquiryAnswered | None:
        match inquiry.name:
            case InquiryName.TEXT_OFFER | InquiryName.TEXT_ASK | InquiryName.TEXT_AMOUNT | InquiryName.TEXT_FORGET:
                return await self._texting.answer(inquiry)
            case name if name in OF_MEETINGS:
                return await self._meetings.answer(inquiry)
            case _:
                return await self._ringing_back.answer(inquiry)

    def forget(self, contact: ContactId) -> None:
        """Let go of everything that a caller has keyed."""
        self._ringing_back.forget(contact)
        self._texting.forget(contact)
        locating = self._locating.pop(contact, None)
        if locating is not None:
            locating.cancel()

    # --- who is calling ---------------------------------------------------------------------------------------------

    async def _of_identity(self, inquiry: Inquiry) -> InquiryAnswered:
        if inquiry.name is InquiryName.LOCATE:
            return self._locate(inquiry)
        try:
            return await self._verify(inquiry)
        except UnavailableError as error:
            log.warning("ivr.cannot_verify", contact=inquiry.position.contact, kind=type(error).__name__)
            return _result(inquiry, "cannot_see")

    def _locate(self, inquiry: Inquiry) -> InquiryAnswered:
        """Turn the number into a pseudonym, and let the case system be asked while the code is keyed.

        So a caller hears the code asked for after the same time, whether the case system knows the person or not.
        """
        try:
            personnummer = parse(inquiry.digits, on=self._cases.today())
        except PersonnummerError as error:
            log.info("ivr.personnummer_refused", contact=inquiry.position.contact, kind=type(error).__name__)
            return _result(inquiry, "not_valid")
        contact = inquiry.position.contact
        self.forget(contact)
        self._locating[contact] = asyncio.create_task(
            self._look_up(personnummer.reveal(), contact), name=f"locate {contact}"
        )
        person = self._identity.person_id(personnummer)
        return InquiryAnswered(turn=inquiry.turn, result="valid", person=person, subject=Subject(""), level=0)

    async def _look_up(self, personnummer: str, contact: ContactId) -> Subject | None:
        try:
            return await self._cases.locate(personnummer)
        except UnavailableError as error:
            log.warning("ivr.cannot_locate", contact=contact, kind=type(error).__name__)
            return None

    async def _verify(self, inquiry: Inquiry) -> InquiryAnswered:
        position = inquiry.position
        caller = await self._records.caller(position.contact)
        verification = await self._identity.verify(
            person=position.person, code=inquiry.digits, contact=position.contact, caller=caller
        )
        if verification is not Verification.VERIFIED:
            return _result(inquiry, "wrong")  # the same words for a wrong code and a locked person
        locating = self._locating.pop(position.contact, None)
        subject = await locating if locating is not None else None
        answered = InquiryAnswered(
            turn=inquiry.turn,
            result="verified",
            person=position.person,
            subject=subject or Subject(""),
            level=int(Assurance.CODE),
        )
        await self._records.identified(position, subject=subject, level=int(Assurance.CODE))
        return answered

    # --- what the agency knows --------------------------------------------------------------------------------------

    async def _of_cases(self, inquiry: Inquiry) -> InquiryAnswered:
        position = inquiry.position
        if inquiry.name is InquiryName.CALENDAR:
            return _calendar(inquiry, await self._cases.calendar_answer(position.benefit))
        if position.level < Assurance.CODE or not position.subject:  # I-21
            return _result(inquiry, "cannot_see")
        if inquiry.name is InquiryName.NEXT_PAYMENTS:
            return _payments(inquiry, await self._cases.next_payments(position.subject))
        matters = await self._cases.case_status(position.subject)
        if isinstance(matters, CannotSee):
            return _result(inquiry, "cannot_see")
        lines = answers.of_matters(matters)
        return InquiryAnswered(turn=inquiry.turn, result="found" if lines else "none", lines=lines)

    # --- opening hours ----------------------------------------------------------------------------------------------

    def _of_hours(self, inquiry: Inquiry) -> InquiryAnswered:
        hours, now = self._editions.entry_point(inquiry.position.entry).hours, self._clock.now()
        lines = answers.of_hours(hours, now) if inquiry.name is InquiryName.OPENING_HOURS else ()
        return InquiryAnswered(
            turn=inquiry.turn,
            result="open" if is_open(hours, at=now) else "closed",
            values=_opening(next_opening(hours, after=now)),
            lines=lines,
        )

    # --- an agent ---------------------------------------------------------------------------------------------------

    async def _request_human(self, inquiry: Inquiry) -> InquiryAnswered:
        position = inquiry.position
        if position.rung:
            return await self._confirm(inquiry)
        hours = self._of_hours(inquiry)
        if hours.result == "closed":
            return hours
        try:
            await self._records.request_human(position, queue=inquiry.queue)
        except DatabaseUnavailableError:
            log.warning("ivr.line_not_entered", contact=position.contact)
            return InquiryAnswered(turn=inquiry.turn, result=NOT_YET, notices=self._heard_first(inquiry))
        return InquiryAnswered(turn=inquiry.turn, result="waiting", notices=self._heard_first(inquiry))

    async def _confirm(self, inquiry: Inquiry) -> InquiryAnswered:
        """Connect somebody whom we rang: at any hour, for we have chosen it."""
        try:
            await self._records.confirm(inquiry.position)
        except DatabaseUnavailableError:
            log.warning("ivr.line_not_entered", contact=inquiry.position.contact)
            return _result(inquiry, NOT_YET)
        return _result(inquiry, "waiting")

    def _heard_first(self, inquiry: Inquiry) -> tuple[Utterance, ...]:
        position = inquiry.position
        wants = (*map(str, self._editions.entry_point(position.entry).wants), *position.wants)
        return self._notices.before_waiting(inquiry.queue, position.language, besides=needed_skills(wants))


NOT_YET = "not_yet"
"""The caller waits, but the line does not know it yet: ask again."""


def _result(inquiry: Inquiry, result: str) -> InquiryAnswered:
    return InquiryAnswered(turn=inquiry.turn, result=result)


def _payments(inquiry: Inquiry, payments: Sequence[NextPayment] | CannotSee) -> InquiryAnswered:
    """``no_day``: money is planned, and no day of any of it is known: all that we know, and never a guess."""
    if isinstance(payments, CannotSee):
        return _result(inquiry, "cannot_see")
    if not payments:
        return _result(inquiry, "none")
    result = "found" if any(payment.on for payment in payments) else "no_day"
    return InquiryAnswered(turn=inquiry.turn, result=result, lines=answers.of_payments(payments))


def _calendar(inquiry: Inquiry, answer: CalendarAnswer | None) -> InquiryAnswered:
    lines = answers.of_calendar(answer) if answer else ()
    return InquiryAnswered(turn=inquiry.turn, result="found" if lines else "none", lines=lines)


def _opening(opens: datetime | None) -> Mapping[str, Value]:
    if opens is None:
        return {}
    local = opens.astimezone(STOCKHOLM)
    return {"opens_on": local.date(), "opens_at": local.time()}
