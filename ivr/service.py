"""The door of the IVR: call events and other rooms' facts come in, and each call goes on in its own lane."""

import asyncio
from functools import partial

from redis.asyncio import Redis

from cases.service import Cases
from contacts.service import Contacts
from core.clock import Clock
from core.ids import ContactId, LegId, NewId
from core.language import Language
from identity.service import Identity
from ivr.arrivals import Arrivals
from ivr.calls import Calls, Patience
from ivr.editions import Editions
from ivr.flow import Callback
from ivr.inquiries import Inquiries
from ivr.lanes import Lanes
from ivr.meeting_ports import BookedMeetings
from ivr.meeting_talk import MeetingTalk
from ivr.model import REASONS, Connected, InquiryAnswered, IvrEvent, Phase, Placed, Position, Returned
from ivr.notice_board import NoticeBoard
from ivr.ports import Promises
from ivr.records import Records
from ivr.ringing_back import RingingBack, WaitOf
from ivr.store import Positions
from ivr.texting import TextAnswers, Texting
from storage.database import Database
from telephony.model import (
    AnsweredBy,
    CallArrived,
    CallEvent,
    Digits,
    LegAdopted,
    LegEnded,
    LegRole,
    NoInput,
    Said,
    SwitchConnected,
    WhoAnswered,
)
from telephony.ports import Performs
from telephony.timers import Timers


class CallFlow:
    """What the caller hears and presses.

    Every method returns at once and has the work done in the call's lane: strictly in order for one call, side by
    side for different ones. :meth:`on_call_event` is called in one process per switch, the one that iterates its events;
    the other methods in any, for the position of a call is in Redis.
    """

    def __init__(
        self,
        *,
        editions: Editions,
        notices: NoticeBoard,
        switch: Performs,
        redis: Redis,
        database: Database,
        contacts: Contacts,
        identity: Identity,
        cases: Cases,
        clock: Clock,
        new_id: NewId,
        promises: Promises,
        our_number: str,
        wait_of: WaitOf,
        texts: TextAnswers | None = None,
        timers: Timers | None = None,
        patience: Patience | None = None,
    ) -> None:
        timers = timers or asyncio.get_running_loop()
        self.lanes = Lanes()
        self._editions = editions
        self._meetings = MeetingTalk(clock=clock)
        self._positions = positions = Positions(redis=redis, timers=timers)
        records = Records(database=database, contacts=contacts, clock=clock)
        ringing_back = RingingBack(
            promises=promises, records=records, clock=clock, editions=editions, wait_of=wait_of, our_number=our_number
        )
        inquiries = Inquiries(
            identity=identity, cases=cases, records=records, clock=clock, editions=editions, notices=notices,
            ringing_back=ringing_back, texting=Texting(texts=texts, cases=cases, records=records),
            meetings=self._meetings,
        )  # fmt: skip
        self._calls = Calls(
            editions=editions,
            switch=switch,
            positions=positions,
            inquiries=inquiries,
            records=records,
            lanes=self.lanes,
            timers=timers,
            patience=patience or Patience(),
            wait_of=wait_of,
        )
        self._arrivals = Arrivals(
            self._calls, editions=editions, notices=notices, positions=positions, records=records, new_id=new_id
        )

    def book_meetings_with(self, meetings: BookedMeetings) -> None:
        """Have meetings heard, booked, moved and cancelled there; before, callers who ask for one come to a human."""
        self._meetings.meetings = meetings

    # --- what happens on the line -----------------------------------------------------------------------------------

    async def on_call_event(self, event: CallEvent) -> None:
        """Take what happened on the switch; legs that are not a citizen's are left to others."""
        match event:
            case CallArrived():
                self.lanes.post(event.leg, partial(self._arrivals.arrived, event))
            case LegAdopted() if event.role is LegRole.CITIZEN:
                self.lanes.post(event.leg, partial(self._arrivals.adopted, event))
            case Digits() | NoInput() | Said():
                self.lanes.post(event.leg, partial(self._on_leg, event.leg, event))
            case WhoAnswered(by=AnsweredBy.MACHINE):
                self.lanes.post(event.leg, partial(self._arrivals.machine_heard, event.leg))
            case LegEnded():
                self.lanes.post(event.leg, partial(self._arrivals.ended, event))
            case SwitchConnected():
                self.lanes.post("switch", partial(self._arrivals.close_unseen, event))

    # --- what other rooms tell --------------------------------------------------------------------------------------

    async def on_citizen_answered(self, contact: ContactId, leg: LegId, *, queue: str, language: Language) -> None:
        """Ask somebody whom we have rung whether it suits them; in the process that hears what happens on the leg."""
        self.lanes.post(leg, partial(self._arrivals.rung, contact, leg, queue=queue, language=language))

    async def on_line_entered(self, contact: ContactId, leg: LegId, place: int) -> None:
        """Tell the caller the place in the line."""
        self.lanes.post(leg, partial(self._on_leg, leg, Placed(place=place)))

    async def on_returned_to_line(self, contact: ContactId, leg: LegId) -> None:
        """Apologise to a caller whose agent was lost, and let them wait on."""
        self.lanes.post(leg, partial(self._on_leg, leg, Returned()))

    async def on_agent_connected(self, contact: ContactId) -> None:
        """Leave the caller to the agent."""
        await self._on_contact(contact, Connected())

    async def on_talk_ended(self, contact: ContactId) -> None:
        """Do nothing more on the line: whoever talked hangs up, and the end of the leg closes the contact."""
        await self._on_contact(contact, Connected())

    async def on_callback_promised(self, contact: ContactId, already: bool = False) -> None:
        """Say what we have promised: it is committed (I-11)."""
        await self._on_promise(contact, "already" if already else "promised")

    async def on_callback_not_possible(self, contact: ContactId, reason: str = "") -> None:
        """Say why there is no promise, and show another way on."""
        await self._on_promise(contact, reason if reason in REASONS else "not_possible")

    async def position(self, contact: ContactId) -> Position | None:
        """Return where a call is."""
        return await self._positions.get(contact)

    async def close(self) -> None:
        """Stop whatever is under way; calls stay up, and are found again by the next controller."""
        await self.lanes.close()

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _on_leg(self, leg: LegId, event: IvrEvent) -> None:
        position = await self._positions.by_leg(leg)
        if position is not None:
            await self._calls.go_on(position, event)

    async def _on_contact(self, contact: ContactId, event: IvrEvent) -> None:
        position = await self._positions.get(contact)
        if position is not None:
            self.lanes.post(position.leg, partial(self._on_leg, position.leg, event))

    async def _on_promise(self, contact: ContactId, result: str) -> None:
        position = await self._positions.get(contact)
        if position is None:
            return
        self.lanes.post(position.leg, partial(self._promise, position.leg, result))

    async def _promise(self, leg: LegId, result: str) -> None:
        position = await self._positions.by_leg(leg)
        if position is None or position.phase is not Phase.INQUIRING:
            return
        if isinstance(self._editions.of(position).find(position.node), Callback):
            await self._calls.go_on(position, InquiryAnswered(turn=position.turn, result=result))
