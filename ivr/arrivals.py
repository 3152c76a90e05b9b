"""How calls begin and end for us: they arrive, are found again after a restart, hang up, or were lost unseen."""

from functools import partial

import structlog

from contacts.model import Contact, State
from core.ids import ContactId, LegId, NewId
from core.language import Language
from ivr.calls import Calls
from ivr.editions import Editions
from ivr.hostile import tame
from ivr.model import Began, Connected, MachineHeard, Phase, Position, Resumed
from ivr.notice_board import NoticeBoard
from ivr.opening_hours import entry_point_of
from ivr.records import Records
from ivr.store import Positions
from storage.database import DatabaseUnavailableError
from telephony.errors import LegGoneError, SwitchUnavailableError
from telephony.model import Answer, CallArrived, Hold, LegAdopted, LegEnded, Say, SwitchConnected

log = structlog.get_logger()


class Arrivals:
    """Opens and closes contacts. Its methods run in the lane of the leg."""

    def __init__(
        self,
        calls: Calls,
        *,
        editions: Editions,
        notices: NoticeBoard,
        positions: Positions,
        records: Records,
        new_id: NewId,
    ) -> None:
        self._editions = editions
        self._notices = notices
        self._switch = calls.switch
        self._positions = positions
        self._records = records
        self._calls = calls
        self._new_id = new_id
        self._patience = calls.patience
        self._unopened: dict[LegId, LegEnded | None] = {}
        self._machines: set[LegId] = set()

    async def arrived(self, event: CallArrived | LegAdopted) -> None:
        """Open the contact, and only then answer. Told twice of the same leg, it does so once."""
        if event.leg in self._unopened or await self._positions.by_leg(event.leg) is not None:
            return
        await self._open(ContactId(self._new_id("con")), event)

    async def adopted(self, event: LegAdopted) -> None:
        """Go on with a call that another controller had, or this one before it was restarted.

        A citizen's leg that nobody has rung us on is one that routing has placed, and its own to go on with.
        """
        position = await self._positions.by_leg(event.leg) or await self._out_of_the_ledger(event)
        if position is None:
            if event.called:
                await self.arrived(event)
            return
        self._positions.own(position.contact)
        if event.bridge:
            await self._calls.go_on(position, Connected())
            return
        await self._answer(position)
        await self._calls.go_on(position, Resumed() if position.node else self._began(position))

    async def rung(self, contact: ContactId, leg: LegId, *, queue: str, language: Language) -> None:
        """Begin with a citizen whom we have rung, and who has answered. Told twice of the same leg, it does so once.

        The contact is the one in which they were promised it; nothing more is opened for it, nor closed.
        """
        if await self._positions.by_leg(leg) is not None:
            return
        self._positions.own(contact)
        first = Position(
            contact=contact,
            leg=leg,
            arrived_at=self._records.clock.now(),
            entry=self._editions.entry_points[0].id,
            language=language,
            queue=queue,
            rung=True,
        )
        self._positions.keep_here(first)
        await self._calls.go_on(first, Began())
        if leg in self._machines:
            await self.machine_heard(leg)

    async def machine_heard(self, leg: LegId) -> None:
        """Go on as with a machine; at once, or as soon as the call begins for us."""
        position = await self._positions.by_leg(leg)
        if position is None:
            self._machines.add(leg)
            return
        self._machines.discard(leg)
        await self._calls.go_on(position, MachineHeard())

    async def ended(self, event: LegEnded) -> None:
        """Close the contact of a leg that is gone."""
        self._machines.discard(event.leg)
        if event.leg in self._unopened:
            self._unopened[event.leg] = event
            return
        position = await self._positions.by_leg(event.leg)
        if position is None:
            return  # not a citizen's leg, or closed already
        if position.rung:  # the ledger's row has ended with the call in which it was promised
            await self._calls.forget(position)
            return
        try:
            await self._records.ended(position, event)
        except DatabaseUnavailableError:
            log.warning("ivr.not_closed", contact=position.contact)
            self._calls.later(event.leg, self._patience.retry, partial(self.ended, event))
            return
        await self._calls.forget(position)

    async def close_unseen(self, event: SwitchConnected) -> None:
        """Close the contacts whose leg is gone although nobody saw it end."""
        try:
            lost = await self._records.open_without(event.legs, before=event.occurred_at)
        except DatabaseUnavailableError:
            self._calls.later("switch", self._patience.retry, partial(self.close_unseen, event))
            return
        fault = "hangup_unseen" if event.legs else "switch_restart"
        for contact in lost:
            await self._records.close(contact.contact, at=event.occurred_at, fault=fault)
            position = await self._positions.get(contact.contact)
            if position is not None:
                await self._calls.forget(position)
            log.warning("ivr.contact_lost", contact=contact.contact, fault=fault)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _open(self, contact: ContactId, event: CallArrived | LegAdopted) -> None:
        structlog.contextvars.bind_contextvars(contact=contact)  # what follows on this event is logged under it
        try:
            await self._records.open(contact, tamed(event))
        except DatabaseUnavailableError:
            await self._wait_for_database(contact, event)
            return
        ended = self._unopened.pop(event.leg, None)
        if ended is not None:
            await self._records.close(contact, at=ended.occurred_at, fault="database_down")
            return
        self._positions.own(contact)
        first = self._first(contact, event)
        self._positions.keep_here(first)
        await self._answer(first)
        await self._calls.go_on(first, self._began(first))

    def _began(self, position: Position) -> Began:
        entry = self._editions.entry_point(position.entry)
        return Began(notices=self._notices.first_of_all(position.entry), flow=entry.flow, queue=entry.queue)

    async def _answer(self, position: Position) -> None:
        try:
            await self._switch.perform(Answer(leg=position.leg))
        except LegGoneError:
            pass  # its end is on the way to us
        except SwitchUnavailableError:
            log.warning("ivr.not_answered", contact=position.contact)

    async def _wait_for_database(self, contact: ContactId, event: CallArrived | LegAdopted) -> None:
        """Keep a caller whom we cannot write down yet, and promise nothing (I-34)."""
        if event.leg not in self._unopened:
            log.warning("ivr.not_opened", contact=contact)
            self._unopened[event.leg] = None
            await self._say_outage(event.leg)
        self._calls.later(event.leg, self._patience.retry, partial(self._open, contact, event))

    async def _say_outage(self, leg: LegId) -> None:
        said = self._editions.newest.wordings.utterance("outage", language=Language.SWEDISH, values={})
        try:
            await self._switch.perform(Answer(leg=leg))
            await self._switch.perform(Hold(leg=leg))
            if said is not None:
                await self._switch.perform(Say(leg=leg, utterances=(said,)))
        except (LegGoneError, SwitchUnavailableError):
            log.warning("ivr.outage_not_said", leg=leg)

    def _first(self, contact: ContactId, event: CallArrived | LegAdopted) -> Position:
        entry = entry_point_of(event.called, self._editions.entry_points)
        return Position(contact=contact, leg=event.leg, arrived_at=event.occurred_at, entry=entry.id)

    async def _out_of_the_ledger(self, event: LegAdopted) -> Position | None:
        try:
            row = await self._records.known(event.leg)
        except DatabaseUnavailableError:
            return None
        return self._rebuilt(row, event) if row else None

    def _rebuilt(self, row: Contact, event: LegAdopted) -> Position:
        """Make a position out of the ledger, when Redis has lost it."""
        book, entry = self._editions.newest, entry_point_of(row.called, self._editions.entry_points)
        waits = row.state is State.WAITING
        return Position(
            contact=row.contact,
            leg=event.leg,
            arrived_at=row.opened_at,
            entry=entry.id,
            language=row.language,
            path=row.path,
            queue=row.queue,
            wants=row.wants,
            node=book.flows[book.main].human if row.state is not State.SELF_SERVICE else "",
            phase=Phase.WAITING if waits else Phase.TALKING if row.state is State.TALKING else Phase.ASKING,
            in_line=waits,
        )


def tamed(event: CallArrived | LegAdopted) -> CallArrived | LegAdopted:
    """Return the event with its text from outside made harmless and short."""
    fields = {"called": tame(event.called, most=40), "caller": tame(event.caller, most=40)}
    kind = type(event)
    values = {**vars(event), **fields, "display_name": tame(event.display_name, most=80)}
    return kind(**values)
