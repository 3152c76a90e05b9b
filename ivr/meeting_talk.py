"""Answers what the flow asks about meetings: which there are, where and when one can be had, and what became of it."""

import re
from dataclasses import replace

import structlog

from core.clock import Clock
from core.errors import ConflictError, NotFoundError, UnavailableError
from identity.model import Assurance
from ivr.meeting_ports import Booked, BookedMeetings
from ivr.meeting_words import of_letter, of_meeting, of_offer
from ivr.model import FoundTimes, Inquiry, InquiryAnswered, InquiryName, Line
from ivr.promised import worth_saying

log = structlog.get_logger()

MOST_TIMES = 9
"""Three pages of three; whoever wants none of them chooses another office, or talks to us."""
_POSTCODE = re.compile(r"[1-9][0-9]{4}")


class MeetingTalk:
    """Answers inquiries. Without ``meetings`` there is nobody who knows of any, and a human is asked.

    Nothing is remembered here: a position holds the office and the meeting that are talked of, and nobody the postcode.
    """

    def __init__(self, *, clock: Clock) -> None:
        self.meetings: BookedMeetings | None = None
        self._clock = clock

    async def answer(self, inquiry: Inquiry) -> InquiryAnswered:
        """Return the answer to an inquiry; what cannot be seen or done just now is one, too."""
        refusal, position = UNAVAILABLE[inquiry.name], inquiry.position
        if self.meetings is None:
            return _said(inquiry, refusal)
        if inquiry.name is not InquiryName.MEETING_POSTCODE and (
            position.level < Assurance.CODE or not position.person
        ):
            return _said(inquiry, refusal)  # I-21
        try:
            return await self._look(self.meetings, inquiry)
        except UnavailableError as error:
            log.warning("ivr.meeting_unknown", contact=position.contact, kind=type(error).__name__)
            return _said(inquiry, refusal)

    async def _look(self, meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
        match inquiry.name:
            case InquiryName.MEETINGS | InquiryName.NEXT_MEETING:
                return await self._coming(meetings, inquiry)
            case InquiryName.MEETING_POSTCODE:
                return await _office(meetings, inquiry)
            case InquiryName.MEETING_TIMES | InquiryName.MEETING_OTHER_TIMES:
                return await self._times(meetings, inquiry)
            case InquiryName.MEETING_LETTER:
                return await self._letter(meetings, inquiry)
            case InquiryName.MEETING_HOLD | InquiryName.MEETING_BOOK | InquiryName.MEETING_MOVE:
                return await self._take(meetings, inquiry)
            case _:
                return await _wish(meetings, inquiry)

    # --- which there are ----------------------------------------------------------------------------------------------

    async def _coming(self, meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
        every = await meetings.coming(inquiry.position.contact)
        if not every:
            return _said(inquiry, "none", meeting="")
        known = next((at for at, one in enumerate(every) if one.meeting == inquiry.position.meeting), None)
        if inquiry.name is InquiryName.NEXT_MEETING:
            known = 0 if known is None else (known + 1) % len(every)
        told = every[known or 0]
        lines = of_meeting("meeting_coming", told, at=self._clock.now())
        return _said(inquiry, "more" if len(every) > 1 else "found", *lines, meeting=told.meeting)

    async def _letter(self, meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
        position = inquiry.position
        booked = await self._found(meetings, inquiry)
        letter = await meetings.letter(position.contact, position.meeting, position.language) if booked else None
        if booked is None or letter is None:
            return _said(inquiry, "none")
        return _said(inquiry, "found", *of_letter(letter, booked, at=self._clock.now()))

    async def _found(self, meetings: BookedMeetings, inquiry: Inquiry) -> Booked | None:
        every = await meetings.coming(inquiry.position.contact)
        return next((one for one in every if one.meeting == inquiry.position.meeting), None)

    # --- where and when -----------------------------------------------------------------------------------------------

    async def _times(self, meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
        position, moves = inquiry.position, inquiry.name is InquiryName.MEETING_OTHER_TIMES
        offered = await meetings.times(
            position.contact,
            office=position.office,
            language=position.language,
            meeting=position.meeting if moves else "",
        )
        if offered is None:
            return _said(inquiry, "gone" if moves else "none")
        now = self._clock.now()
        times = worth_saying(offered.times, at=now)[:MOST_TIMES]
        if not times:
            return _said(inquiry, "none")
        lines, meeting = of_offer(offered), position.meeting if moves else ""
        found = FoundTimes(at=now, times=tuple(replace(one, ends_at=one.starts_at) for one in times))
        return replace(_said(inquiry, "found", *lines, meeting=meeting), found=found)

    # --- a time is taken ----------------------------------------------------------------------------------------------

    async def _take(self, meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
        try:
            taken = await self._taken(meetings, inquiry)
        except (ConflictError, NotFoundError):
            return _said(inquiry, _OVER[inquiry.name], meeting="")
        if taken is None:
            meeting = inquiry.position.meeting if inquiry.name is InquiryName.MEETING_MOVE else ""
            return _said(inquiry, "taken", meeting=meeting)
        result, wording = _DONE[inquiry.name]
        return _said(inquiry, result, *of_meeting(wording, taken, at=self._clock.now()), meeting=taken.meeting)

    async def _taken(self, meetings: BookedMeetings, inquiry: Inquiry) -> Booked | None:
        contact, meeting, slot = inquiry.position.contact, inquiry.position.meeting, inquiry.position.slot
        if inquiry.name is InquiryName.MEETING_BOOK:
            return await meetings.confirm(contact, meeting)
        if slot is None:
            return None
        if inquiry.name is InquiryName.MEETING_MOVE:
            return await meetings.move(contact, meeting, starts_at=slot.starts_at)
        office, language = inquiry.position.office, inquiry.position.language
        return await meetings.hold(contact, office=office, language=language, starts_at=slot.starts_at)


async def _wish(meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
    contact, meeting = inquiry.position.contact, inquiry.position.meeting
    if inquiry.name is InquiryName.MEETING_FOLLOW_UP:
        return _said(inquiry, "noted" if await meetings.ask_afterwards(contact, meeting) else "failed")
    over = await meetings.cancel(contact, meeting)
    return _said(inquiry, "cancelled" if over else "gone", meeting="")


async def _office(meetings: BookedMeetings, inquiry: Inquiry) -> InquiryAnswered:
    office = await meetings.nearest(inquiry.digits) if _POSTCODE.fullmatch(inquiry.digits) else None
    return replace(_said(inquiry, "valid" if office else "not_valid"), office=office)


UNAVAILABLE = {
    InquiryName.MEETINGS: "cannot_see",
    InquiryName.NEXT_MEETING: "cannot_see",
    InquiryName.MEETING_POSTCODE: "cannot_see",
    InquiryName.MEETING_TIMES: "cannot_see",
    InquiryName.MEETING_OTHER_TIMES: "cannot_see",
    InquiryName.MEETING_LETTER: "cannot_see",
    InquiryName.MEETING_HOLD: "failed",
    InquiryName.MEETING_BOOK: "failed",
    InquiryName.MEETING_MOVE: "failed",
    InquiryName.MEETING_CANCEL: "failed",
    InquiryName.MEETING_FOLLOW_UP: "failed",
}
"""What is answered when nobody can look; every name that is answered here is in it."""

_DONE = {
    InquiryName.MEETING_HOLD: ("held", "meeting_chosen"),
    InquiryName.MEETING_BOOK: ("booked", "meeting_is_booked"),
    InquiryName.MEETING_MOVE: ("rebooked", "meeting_is_moved"),
}
_OVER = {InquiryName.MEETING_HOLD: "taken", InquiryName.MEETING_BOOK: "taken", InquiryName.MEETING_MOVE: "gone"}


def _said(inquiry: Inquiry, result: str, *lines: Line, meeting: str | None = None) -> InquiryAnswered:
    return InquiryAnswered(turn=inquiry.turn, result=result, lines=lines, meeting=meeting)
