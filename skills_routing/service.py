"""Routing: who waits, who is free, and who gets whom. The one door of this room."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog
from redis.asyncio import Redis

from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, CallbackId, ContactId, LegId, NewId, OfferId
from skills_routing import store
from skills_routing.agents import staffing_store
from skills_routing.agents.desk import Desk, QueueLength, offer_of, queue_lengths, read_desk
from skills_routing.configuration import RoutingConfiguration
from skills_routing.errors import (
    NotYourContactError,
    StaleOfferError,
    UnknownAgentError,
    WrongStateError,
)
from skills_routing.events import RingBackEnded
from skills_routing.explain.explaining import Explanation, explain_contact, read_past
from skills_routing.line import over_store
from skills_routing.line.aftermath import Dial, Performs, Tell
from skills_routing.line.connection import Connection
from skills_routing.line.live_line import Command, Decision
from skills_routing.line.records import write_up
from skills_routing.model import Agent, AgentState, ContactState, Need, OfferState, Policy, rank
from skills_routing.parts import Given, Parts
from skills_routing.rules import assignment
from skills_routing.rules.queues import HeadStart, Queue
from skills_routing.rules.steps import StepReason, read_plan, widens_at, write_plan
from skills_routing.rules.transitions import CHOSEN_BY_AGENT
from skills_routing.store import Routed
from storage.database import Database
from telephony.model import CallEvent, PutOnHold, TakeOffHold

log = structlog.get_logger()

_REFUSALS = {
    "unknown_agent": UnknownAgentError,
    "stale": StaleOfferError,
    "not_yours": NotYourContactError,
    "unknown_contact": NotYourContactError,
    "wrong_state": WrongStateError,
}


class Routing:
    """Decides in the live line, drives the phones of callers and agents, and keeps the truth in SQL."""

    def __init__(
        self,
        *,
        redis: Redis,
        database: Database,
        clock: Clock,
        new_id: NewId,
        switch: Performs,
        contacts: Contacts,
        configuration: RoutingConfiguration,
        tell: Tell,
        dial: Dial,
        policy: Policy = Policy(),  # noqa: B008 - frozen
        shown_number: str = "",
    ) -> None:
        self._database = database
        self._clock = clock
        self._contacts = contacts
        self._configuration = configuration
        self._policy = policy
        parts = Parts(
            Given(
                redis=redis,
                database=database,
                clock=clock,
                new_id=new_id,
                switch=switch,
                contacts=contacts,
                configuration=configuration,
                tell=tell,
                dial=dial,
                policy=policy,
                shown_number=shown_number,
            )
        )
        self._line, self._aftermath, self._steering = parts.line, parts.aftermath, parts.steering
        self._legs, self._reconciler, self._late = parts.legs, parts.reconciler, parts.late
        self._entrance = parts.entrance
        self.written, self.promised, self.staffing = parts.written, parts.promised, parts.staffing
        self.phones = parts.phones

    async def start(self) -> None:
        """See to it that the line stands, from SQL if Redis is empty, with every line that the configuration names."""
        await asyncio.to_thread(assignment.load)
        async with self._database.reading() as tx:
            waiting = await staffing_store.waiting(tx)
        self._configuration.remember(one.queue for one in waiting)
        await self._steering.run(Command.KNOW_LINES, *self._configuration.lines())

    async def prepare(self, configuration: RoutingConfiguration) -> None:
        """Make the lines that another edition of the queues names, before it counts."""
        await self._steering.run(Command.KNOW_LINES, *configuration.lines())

    def renew(self, configuration: RoutingConfiguration) -> None:
        """Go by another edition of the queues and skills; who waits keeps the place, also in a queue that is gone."""
        self._configuration.renew(configuration)

    # --- contacts -----------------------------------------------------------------------------------------------------

    async def enter(
        self,
        contact: ContactId,
        *,
        leg: LegId,
        queue: str,
        language: str,
        waiting_since: datetime,
        path: tuple[str, ...] = (),
        preferred_agent: AgentId | None = None,
        deputy: AgentId | None = None,
        needs: frozenset[Need] = frozenset(),
        prefers: frozenset[Need] = frozenset(),
    ) -> None:
        """Put a caller in the line, or offer them at once. Asked twice it changes nothing.

        ``needs`` is what this one caller needs besides, at every step, and ``prefers`` what is asked for at first. ``language`` is the code of one that somebody could speak (``skills.yaml``). With a ``preferred_agent`` only
        that agent will do at first, then the ``deputy``, each for as long as the queue says; without one, whoever they talked with lately, if the
        queue goes by that. The row is committed first. With Redis down the
        caller waits on, and enters when the line stands again.
        """
        found = self._entrance.queue(queue)
        code = self._entrance.language(language)
        now = self._clock.now()
        agent = preferred_agent or await self._entrance.known_agent(contact, found, now=now)
        plan = found.plan(
            code, entered_at=now, agent=_asked_for(agent), deputy=_asked_for(deputy), besides=needs, prefers=prefers
        )
        routed = Routed(
            contact=contact,
            state=ContactState.WAITING,
            leg=leg,
            queue=found.id,
            language=language,
            line=plan[0].requirement.line,
            rank=rank(waiting_since, head_start=found.head_start),
            waiting_since=waiting_since,
            entered_at=now,
            steps=write_plan(plan),
        )
        await self._entrance.begin(routed, path)

    async def leave(self, contact: ContactId, *, reason: str) -> None:
        """Take out a citizen who has chosen something else. One who is not in the line is no error."""
        await self._steering.run(Command.LEAVE, contact, reason[:60])

    async def forecast_passed(self, contact: ContactId, expected: timedelta) -> bool:
        """Take a contact's next step when its wait is expected to be longer than that step allows; tell whether it was.

        ``expected`` is the whole of the wait that is left. Anybody may ask at any time, twice does no harm.
        """
        connection = await self._line.connection(contact)
        if connection is None or connection.state is not ContactState.WAITING:
            return False
        if not widens_at(read_plan(connection.steps), connection.step, expected=expected):
            return False
        decision = await self._steering.run(Command.WIDEN, contact, connection.step, StepReason.FORECAST)
        return decision.status == "ok"

    async def on_call_event(self, event: CallEvent) -> None:
        """Take note of what happened on a leg, and do what follows for those that are routed."""
        await self._legs.on_call_event(event)

    # --- agents -------------------------------------------------------------------------------------------------------

    async def sync_agents(self, agents: Iterable[Agent]) -> None:
        """Make these the agents: new skills count at once, agents not named are logged off when their work is over."""
        await self.staffing.sync(agents)

    async def set_state(self, agent: AgentId, *, state: AgentState, reason: str = "") -> None:
        """Put an agent in a state of their own choice; during work it is kept for when the work is over."""
        if state not in CHOSEN_BY_AGENT:
            raise WrongStateError(f"{state} follows from the work and cannot be chosen")
        self._refuse(await self._steering.run(Command.CHOOSE_STATE, agent, state, reason[:60]))

    async def heartbeat(self, agent: AgentId) -> None:
        """Note that the agent's browser is there; without this for 10 s the agent gets no more offers (I-09)."""
        self._refuse(await self._steering.run(Command.HEARTBEAT, agent))

    async def accept(self, agent: AgentId, *, offer: OfferId, token: int) -> bool:
        """Check that an offer still is this agent's, and tell whether a phone rings for it; the talk begins when it is answered.

        When it is not answered within 10 s of this, the caller goes back to the place in the line. A written contact, for
        which no phone rings, is the agent's at once.
        """
        await self._steering.see_that_it_stands()
        state, rings = await offer_of(self._line, agent, offer, token), await self._line.rings(offer)
        if state is not OfferState.PENDING:
            return rings
        if rings:
            await self._line.expect_answer(offer, by=self._clock.now() + self._policy.pick_up)
        else:
            self._refuse(await self._steering.run(Command.TAKE, offer, token))
        return rings

    async def reject(self, agent: AgentId, *, offer: OfferId, token: int) -> None:
        """Turn an offer down: the caller keeps the place, and the agent is NOT_READY until they say otherwise."""
        await self._steering.see_that_it_stands()
        await offer_of(self._line, agent, offer, token)
        self._refuse(await self._steering.run(Command.END_OFFER, offer, token, "REJECTED", "NOT_READY", "rejected"))

    async def hold(self, agent: AgentId, *, contact: ContactId) -> None:
        """Let the citizen hear music and nothing else."""
        await self._hold(agent, contact, on=True)

    async def unhold(self, agent: AgentId, *, contact: ContactId) -> None:
        """Bring the citizen back to the talk."""
        await self._hold(agent, contact, on=False)

    async def hang_up(self, agent: AgentId, *, contact: ContactId) -> None:
        """End the talk, or the attempt to ring somebody back."""
        connection = await self._mine(agent, contact)
        if connection.state is ContactState.OFFERED:
            await self.reject(agent, offer=connection.offer, token=connection.token)
            return
        if connection.is_written:
            raise WrongStateError
        self._refuse(await self._steering.run(Command.PART, contact, connection.offer, "agent"))

    async def wrap_up(
        self,
        agent: AgentId,
        *,
        contact: ContactId,
        code: str,
        note: str = "",
        state: AgentState | None = None,
        reason: str = "",
    ) -> None:
        """Keep the reason and the note, and go on in ``state``; without it in the one asked for meanwhile, or READY."""
        if state is not None and state not in CHOSEN_BY_AGENT:
            raise WrongStateError(f"{state} follows from the work and cannot be chosen")
        try:
            connection = await self._mine(agent, contact)
        except NotYourContactError:
            if await self._late.note(agent, contact, code=code, note=note):
                return
            raise
        if connection.state is not ContactState.WRAP_UP:
            raise WrongStateError
        now = self._clock.now()
        written = partial(write_up, connection=connection, contacts=self._contacts, code=code, note=note, at=now)
        await self._database.together.run(written)
        self._refuse(await self._steering.run(Command.WRAP_UP, agent, contact, state or "", reason[:60]))

    async def ring_back(self, callback: CallbackId, *, contact: ContactId, agent: AgentId, queue: str = "") -> None:
        """Ring the agent's phone and then the citizen's; asked again meanwhile it changes nothing.

        How it goes comes as :class:`RingBackEnded`, also when the agent is not free to begin with.
        """
        decision = await self._steering.run(Command.RING_BACK, callback, contact, agent, queue)
        if decision.status in ("unknown_agent", "wrong_state"):
            at, how = self._clock.now(), "agent_rescinded"
            async with self._database.transaction() as tx:
                await tx.record(RingBackEnded(occurred_at=at, callback=callback, contact=contact, how=how))

    async def forget_attempts(self, *, older_than: timedelta) -> int:
        """Forget up to where attempts to ring somebody back are over that ended longer ago, and return of how many."""
        async with self._database.transaction() as tx:
            return await over_store.forget_before(tx, self._clock.now() - older_than)

    # --- looking ------------------------------------------------------------------------------------------------------

    async def desk(self, agent: AgentId) -> Desk:
        """Return everything of the live state that an agent's desk shows."""
        await self._steering.see_that_it_stands()
        return await read_desk(self._line, agent, queues=self._queues(), retired=self._configuration.gone())

    def head_start(self, queue: str, reason: HeadStart | None = None) -> timedelta:
        """Return how much earlier than its arrival a contact of a queue stands, for a reason."""
        return self._configuration.head_start(queue, reason)

    async def lengths(self) -> tuple[QueueLength, ...]:
        """Return how many wait in each queue, and since when the first of them."""
        return await queue_lengths(self._line, self._queues(), retired=self._configuration.gone())

    async def states(self) -> Counter[AgentState]:
        """Return how many agents are in each state: counts of the whole, never of a person."""
        return Counter(AgentState(found["state"]) for found in (await self._line.agents()).values() if "state" in found)

    async def explain(self, contact: ContactId) -> Explanation:
        """Tell in Swedish words why a contact went where it went, or why it still waits."""
        await self._steering.see_that_it_stands()
        async with self._database.reading() as tx:
            row = await store.find(tx, contact)
            past = await read_past(tx, contact, row, contacts=self._contacts, configuration=self._configuration)
        return await explain_contact(
            self._line, contact, row=row, past=past, configuration=self._configuration, now=self._clock.now()
        )

    # --- what time brings ---------------------------------------------------------------------------------------------

    async def run_due(self) -> None:
        """End offers whose time is up, let go of agents whose browser is gone. Cheap; any process, any time."""
        await self._legs.hear_what_was_missed()
        await self._late.enter()
        await self.phones.run_due()
        await self._reconciler.run_due()

    async def reconcile(self) -> None:
        """Compare Redis, SQL and the ledger and mend what differs. Call it every 2 s, wherever; twice does no harm."""
        await self._legs.hear_what_was_missed()
        await self._reconciler.reconcile()
        await self.staffing.recount()

    async def settled(self) -> None:
        """Wait until what was decided has been carried out: before a process ends, and lets go of its stores."""
        await self._steering.settled()

    async def _hold(self, agent: AgentId, contact: ContactId, *, on: bool) -> None:
        connection = await self._mine(agent, contact)
        if connection.is_written:
            raise WrongStateError
        decision = await self._steering.run(Command.PUT_ON_HOLD, agent, contact, "1" if on else "")
        self._refuse(decision)
        await self._aftermath.perform((PutOnHold if on else TakeOffHold)(leg=connection.leg))

    async def _mine(self, agent: AgentId, contact: ContactId) -> Connection:
        await self._steering.see_that_it_stands()
        connection = await self._line.connection(contact)
        if connection is None or connection.agent != agent:
            raise NotYourContactError
        return connection

    def _queues(self) -> tuple[Queue, ...]:
        return tuple(self._configuration.queues.values())

    @staticmethod
    def _refuse(decision: Decision) -> None:
        refusal = _REFUSALS.get(decision.status)
        if refusal is not None:
            raise refusal


def _asked_for(agent: AgentId | None) -> AgentId | None:
    """An agent's name becomes part of a line's; what cannot be one is nobody's."""
    if agent is None or re.fullmatch(r"[\w.-]{1,60}", agent):
        return agent
    log.error("somebody is to be served by an agent who cannot exist")
    return None
