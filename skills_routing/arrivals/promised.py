"""Citizens whom we have promised to ring back: they stand in the line as those do who hold the line, without a leg."""

from collections.abc import Collection
from datetime import datetime

from core.clock import Clock
from core.ids import AgentId, CallbackId, ContactId, LegId
from skills_routing import store
from skills_routing.arrivals.entering import Entrance
from skills_routing.line.live_line import Command
from skills_routing.line.steering import Steering
from skills_routing.model import ContactState, Need, rank
from skills_routing.rules.queues import HeadStart
from skills_routing.rules.steps import write_plan
from skills_routing.store import Routed
from storage.database import Database


class PromisedCallbacks:
    """How a promise that is due comes into the line, and out again. In between it is offered and accepted like a call."""

    def __init__(self, *, steering: Steering, database: Database, clock: Clock, entrance: Entrance) -> None:
        self._steering = steering
        self._database = database
        self._clock = clock
        self._entrance = entrance

    async def enter(
        self,
        callback: CallbackId,
        *,
        contact: ContactId,
        queue: str,
        language: str,
        waiting_since: datetime,
        bound_to: AgentId | None = None,
        deputy: AgentId | None = None,
        citizen_first: bool = False,
        needs: frozenset[Need] = frozenset(),
        prefers: frozenset[Need] = frozenset(),
    ) -> bool:
        """Put a promise in the line at the rank of its first request, once; ``False`` when its contact is here otherwise.

        ``bound_to`` is the agent who made the promise: nobody else is offered it as long as that agent is to be waited
        for, then the ``deputy``, then anybody who can serve it. ``citizen_first``: the citizen may be rung before an agent.
        ``needs`` is what this one citizen needs besides, and ``prefers`` what is asked for at first.
        """
        found, code = self._entrance.queue(queue), self._entrance.language(language)
        now = self._clock.now()
        plan = found.plan(code, entered_at=now, agent=bound_to, deputy=deputy, besides=needs, prefers=prefers)
        routed = Routed(
            contact=contact,
            state=ContactState.WAITING,
            leg=LegId(""),
            queue=found.id,
            language=language,
            line=plan[0].requirement.line,
            rank=rank(waiting_since, head_start=found.head_start_for(HeadStart.CALLBACK)),
            waiting_since=waiting_since,
            entered_at=now,
            callback=callback,
            steps=write_plan(plan),
            citizen_first=citizen_first,
        )
        return await self._entrance.begin_promised(routed)

    async def withdraw(self, callback: CallbackId, *, contact: ContactId, reason: str) -> None:
        """Take a promise out of the line: it is kept otherwise, moved or cancelled. One that is not there is no error.

        Whoever is being rung already is left to it: nobody is cut off.
        """
        async with self._database.reading(short=True) as tx:
            row = await store.find(tx, contact)
        if row is not None and row.callback == callback and not row.leg:
            await self._steering.run(Command.LEAVE, contact, reason[:60])

    async def confirm(self, contact: ContactId, *, leg: LegId) -> bool:
        """Let a citizen whom we rang first, and who has pressed the key, stand in the line at their rank as a caller.

        They are offered at once when somebody is free. Told twice it changes nothing; ``False`` when the call is over.
        """
        return (await self._steering.run(Command.CONFIRM, contact, leg)).status == "ok"

    async def decline(self, contact: ContactId, *, leg: LegId, how: str) -> bool:
        """Note why whoever answered is not to be connected; it is told as :class:`RingBackEnded` when the call is over."""
        return (await self._steering.run(Command.DECLINE, contact, leg, how[:60])).status == "ok"

    async def on_the_line(self) -> Collection[CallbackId]:
        """Return the promises whose citizens were rung first and wait for an agent now."""
        async with self._database.reading() as tx:
            rows = (await store.outline(tx)).values()
        return {row.callback for row in rows if row.callback and row.state is ContactState.WAITING and row.has_leg}

    async def here(self) -> Collection[CallbackId]:
        """Return the promises that stand in the line, or that an agent has."""
        async with self._database.reading() as tx:
            return {row.callback for row in (await store.outline(tx)).values() if row.callback}
