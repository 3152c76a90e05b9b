"""Mends what differs: offers whose time is up, browsers that are gone, phones that nobody rang, lost records."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, ContactId, LegId, OfferId
from skills_routing import store
from skills_routing.forecast import told_store, wait_store
from skills_routing.forecast.wait_store import HowItEnded
from skills_routing.line import over_store
from skills_routing.line.aftermath import Aftermath
from skills_routing.line.batch import Batch
from skills_routing.line.connection import Connection
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.live_line import Command, LiveLine
from skills_routing.line.rebuilding import restore_arguments
from skills_routing.line.steering import Steering
from skills_routing.mending.ghosts import busy_with_nobody, left_alone
from skills_routing.mending.repairs import Repair, facts_to_record, repair_for
from skills_routing.model import ContactState, Policy, milliseconds
from skills_routing.store import Routed
from storage.database import Database

log = structlog.get_logger()

_BY_TIME = (Command.LAPSE, Command.EXPIRE_BROWSER, Command.WIDEN)
_MOST_AT_ONCE = 500
_HOLD = timedelta(seconds=4)
_DUE_EVERY_SECONDS = 0.5
_STOOD_STILL = timedelta(seconds=10)
"""So long after the last comparison that what both found may be two moments that have nothing to do with each other."""
Suspicion = tuple[ContactId, Repair] | tuple[AgentId, ContactId]
_RINGS_ON = timedelta(seconds=10)
"""So much later than a phone stops ringing, at the latest, somebody must have told us."""
SETTLE = timedelta(seconds=3)
"""How long two stories may differ before we mend: a decision is always a moment older than its record."""


class Reconciler:
    """Compares and mends. Every step is safe to do twice, by any number of processes."""

    def __init__(
        self,
        *,
        steering: Steering,
        line: LiveLine,
        aftermath: Aftermath,
        database: Database,
        contacts: Contacts,
        clock: Clock,
        policy: Policy,
        name: str,
    ) -> None:
        self._policy = policy
        self._name = name
        self._steering = steering
        self._batch = Batch(steering=steering, line=line, clock=clock)
        self._line = line
        self._aftermath = aftermath
        self._database = database
        self._contacts = contacts
        self._clock = clock
        self._suspected: dict[Suspicion, datetime] = {}
        self._compared_at: datetime | None = None

    async def run_due(self) -> None:
        """Do what the passing of time asks for."""
        await self._end_what_is_due()
        await self._match()

    async def _end_what_is_due(self) -> None:
        alone = int(self._policy.wrap_up_alone / timedelta(milliseconds=1))
        for command in _BY_TIME:
            own = (alone,) if command is Command.EXPIRE_BROWSER else ()
            for _ in range(_MOST_AT_ONCE):
                if (await self._steering.run(command, *own)).status == "none":
                    break

    async def _match(self) -> None:
        """Bring together who waits and who is free; with many on both sides in one batch, and then one by one."""
        one_by_one = 0
        for _ in range(_MOST_AT_ONCE):
            status = (await self._steering.run(Command.MATCH, one_by_one)).status
            if status == "none":
                break
            if status == "many":
                made = await self._deal()
                if made is None:
                    break
                one_by_one = int(made == 0)

    async def _deal(self) -> int | None:
        """Deal out a batch; to work one out may take long, and what is due does not wait for that."""
        dealing = asyncio.create_task(self._batch.deal())
        try:
            while not (await asyncio.wait({dealing}, timeout=_DUE_EVERY_SECONDS))[0]:
                await self._end_what_is_due()
            return dealing.result()
        finally:
            dealing.cancel()

    async def reconcile(self) -> None:
        """Do what is due, ring what nobody rang, and make SQL, the live line and the ledger agree.

        Of all the processes that call this one does the comparing at a time; another takes over when it is gone.
        """
        await self.run_due()
        await self._steering.see_that_it_stands()
        if await self._line.may_mend(self._name, now=self._clock.now(), hold=_HOLD):
            await self._ring_forgotten()
            await self._agree()
        else:
            self._suspected = {}  # what another process compares meanwhile, this one does not see

    async def _ring_forgotten(self) -> None:
        now = self._clock.now()
        late, too_late = milliseconds(now - timedelta(seconds=1)), milliseconds(now - self._policy.ring)
        for offer, found in (await self._line.pending()).items():
            made_at = int(found.get("made_at") or 0)
            if found.get("rung") or not 0 < made_at < late:
                continue
            if made_at < too_late:
                await self._steering.run(Command.END_OFFER, offer, found["token"], "RESCINDED", "READY", "")
            else:
                await self._aftermath.ring_again(_made(offer, found))

    async def _agree(self) -> None:
        async with self._database.reading() as tx:
            everybody = await store.outline(tx)
            still_open = await self._contacts.open_ids(tx)
        waiting = await self._line.waiting({each.queue for each in everybody.values()})
        here = await self._line.contacts()
        promised = {name for name, each in everybody.items() if each.callback}  # their ledger rows have ended before
        well = {name for name, each in everybody.items() if each.state is ContactState.WAITING} & waiting
        well &= still_open | promised
        behind = {
            name for name, step in (await self._line.steps()).items() if name in well and step > everybody[name].step
        }
        odd = sorted((everybody.keys() | here) - (well - behind))
        async with self._database.reading() as tx:
            rows = {row.contact: row for row in await store.some(tx, odd)}
            over = await over_store.some_up_to(tx, [name for name in odd if name not in rows])
        suspected, self._suspected = self._suspected_just_now(), {}
        agents, connections = await self._line.agents(), await self._line.connections(odd)
        for contact, connection in connections.items():
            row = rows.get(contact)
            repair = repair_for(row, connection, is_open=contact in still_open, over_up_to=over.get(contact, 0))
            if repair is None and connection is not None and left_alone(agents, connection):
                repair = Repair.FINISH_WRAP_UP if connection.state is ContactState.WRAP_UP else Repair.RESTORE
            if repair is not None and self._is_settled((contact, repair), suspected):
                await self._mend(repair, row, connection)
            elif connection is not None and self._rings_too_long(connection):
                await self._steering.run(Command.PART, contact, connection.offer, "fault")
        for agent, contact in busy_with_nobody(agents, connections).items():
            if self._is_settled((agent, contact), suspected):
                log.warning("an agent was busy with nobody", contact=contact)
                await self._steering.run(Command.FREE, agent, contact)

    def _suspected_just_now(self) -> dict[Suspicion, datetime]:
        """Return what differed at the last comparison, unless this process has stood still since: then it is no story of today."""
        now, before = self._clock.now(), self._compared_at
        self._compared_at = now
        return self._suspected if before is not None and now - before <= _STOOD_STILL else {}

    def _rings_too_long(self, connection: Connection) -> bool:
        """Tell whether nobody told us what became of a citizen whom we ring back."""
        longest = self._policy.ring_citizen + _RINGS_ON
        if connection.state is ContactState.DIALLED:
            longest += self._policy.ask_citizen
        is_rung = connection.state in (ContactState.CALLING, ContactState.DIALLED)
        return is_rung and connection.state_since < milliseconds(self._clock.now() - longest)

    def _is_settled(self, what: Suspicion, suspected: Mapping[Suspicion, datetime]) -> bool:
        since = suspected.get(what, self._clock.now())
        if self._clock.now() - since < SETTLE:
            self._suspected[what] = since
            return False
        return True

    async def _mend(self, repair: Repair, row: Routed | None, connection: Connection | None) -> None:
        log.warning("routing is mended", repair=repair.name, contact=_contact(row, connection))
        if row:
            await self._mend_line(repair, row)
        if connection:
            await self._mend_contact(repair, row, connection)

    async def _mend_line(self, repair: Repair, row: Routed) -> None:
        match repair:
            case Repair.ENTER:
                await self._steering.enter(row)
            case Repair.RESTORE:
                await self._steering.run(Command.RESTORE_TALK, *restore_arguments(row))
            case Repair.FORGET:
                async with self._database.transaction() as tx:
                    await wait_store.ended(tx, row, HowItEnded.HUNG_UP, at=self._clock.now())
                    await told_store.wait_is_over(tx, row.contact, HowItEnded.HUNG_UP, at=self._clock.now())
                    await store.remove(tx, row.contact)
            case _:
                pass

    async def _mend_contact(self, repair: Repair, row: Routed | None, connection: Connection) -> None:
        contact = connection.contact
        match repair:
            case Repair.RECORD:
                await self._aftermath.record(facts_to_record(row, connection))
            case Repair.TAKE_OUT:
                await self._steering.run(Command.LEAVE, contact, "hung_up")
            case Repair.PART:
                await self._steering.run(Command.PART, contact, connection.offer, "citizen")
            case Repair.FINISH_WRAP_UP:
                await self._steering.run(Command.WRAP_UP, connection.agent, contact, "NOT_READY", "")
            case _:
                pass


def _contact(row: Routed | None, connection: Connection | None) -> str:
    known = row or connection
    return known.contact if known else ""


def _made(offer: OfferId, found: dict[str, str]) -> LineFact:
    return LineFact(
        fact=Kind.OFFER_MADE,
        at=int(found["made_at"]),
        contact=ContactId(found["contact"]),
        agent=AgentId(found["agent"]),
        offer=offer,
        token=int(found["token"]),
        agent_leg=LegId(found["leg"]),
    )
