"""Makes the line anew from SQL when Redis is empty: the same contacts, in the same order, with the same talks."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

import structlog

from core.clock import Clock
from core.ids import AgentId, NewId
from skills_routing import store
from skills_routing.configuration import RoutingConfiguration
from skills_routing.line import over_store
from skills_routing.line.aftermath import Aftermath
from skills_routing.line.live_line import GENERATION, Asked, Command, LiveLine, know_agent
from skills_routing.model import Agent, AgentState, ContactState, Policy, milliseconds, scarcities
from skills_routing.rules.steps import due_after, read_plan
from skills_routing.store import ChosenState, OfferRow, Routed
from storage.database import Database
from storage.redis import our_errors
from telephony.model import HangUp

log = structlog.get_logger()

_CLAIM = "kc:rebuilding"
_CLAIM_MS = 10_000
_TOKEN_GAP = 10_000
"""Offers may be on their way into SQL; tokens go on above any of theirs (I-31)."""
_PAUSE_SECONDS = 0.02
_MOST_PAUSES = 250


class Rebuilder:
    """Rebuilds once, whoever notices first; the others wait until the line stands.

    While it goes on every other command is answered ``flushed``, so nobody is offered anything before the order is
    whole again. Agents come back by their next heartbeat.
    """

    def __init__(
        self,
        *,
        line: LiveLine,
        database: Database,
        aftermath: Aftermath,
        configuration: RoutingConfiguration,
        clock: Clock,
        new_id: NewId,
        policy: Policy,
    ) -> None:
        self._policy = policy
        self._new_id = new_id
        self._line = line
        self._database = database
        self._aftermath = aftermath
        self._configuration = configuration
        self._clock = clock

    async def rebuild(self) -> None:
        """Return when the line stands, rebuilt by us or by another process."""
        for _ in range(_MOST_PAUSES):
            claim = self._new_id("claim")
            async with our_errors():
                if await self._line.redis.exists(GENERATION):
                    return
                mine = await self._line.redis.set(_CLAIM, claim, nx=True, px=_CLAIM_MS)
            if mine and await self._from_sql(claim):
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _from_sql(self, claim: str) -> bool:
        async with self._database.transaction() as tx:
            token = max(await store.highest_token(tx), await over_store.highest(tx))
            await over_store.fence_waiting(tx, token)
            agents = await store.all_agents(tx)
            rows = await store.everybody(tx)
            chosen = await store.chosen_states(tx)
            shown = await store.open_offers(tx)
        now = self._clock.now()
        last: Asked = (Command.STAND, (token + _TOKEN_GAP, self._gathers_for(agents, rows)))
        here = {one.agent for one in chosen if one.state != AgentState.LOGGED_OFF}
        work = [*self._agents(agents, here), *(_contact(row) for row in rows), *(_wish(one) for one in chosen), last]
        if not await self._line.rebuild_with(work, claim=claim, now=now):
            log.warning("the line is made by somebody else, or was emptied again")
            return False
        log.info("the line was made from SQL", contacts=len(rows), agents=len(agents))
        await self._take_back(shown, rows)
        return True

    def _gathers_for(self, agents: list[Agent], rows: list[Routed]) -> int:
        """Return how long agents may come back before contacts are dealt out, in milliseconds; 0 when few wait."""
        waiting = sum(row.state is ContactState.WAITING for row in rows)
        are_many = self._policy.many and min(waiting, sum(agent.enabled for agent in agents)) >= self._policy.many
        return int(self._policy.gather / timedelta(milliseconds=1)) if are_many else 0

    def _agents(self, agents: list[Agent], on_duty: Collection[AgentId]) -> Iterator[Asked]:
        yield Command.KNOW_LINES, tuple(self._configuration.lines())
        scarcity = scarcities(agents, on_duty=on_duty)
        for agent in agents:
            yield know_agent(agent, scarcity.get(agent.id, 0))

    async def _take_back(self, shown: list[OfferRow], rows: list[Routed]) -> None:
        """End offers that were being shown: their callers are back in the line, so their phones fall silent."""
        accepted = {row.offer for row in rows if row.offer}
        stale = [offer for offer in shown if offer.offer not in accepted]
        for offer in stale:
            if offer.agent_leg:
                await self._aftermath.perform(HangUp(leg=offer.agent_leg))
        async with self._database.transaction() as tx:
            for offer in stale:
                await store.end_offer(tx, replace(offer, ended_at=self._clock.now(), how="rescinded"))


def _contact(row: Routed) -> Asked:
    if row.state is ContactState.WAITING:
        return Command.ENTER, entering(row)
    return Command.RESTORE_TALK, restore_arguments(row)


def _wish(chosen: ChosenState) -> Asked:
    return Command.WISH, (chosen.agent, chosen.state, chosen.reason)


def enter_arguments(row: Routed) -> tuple[str | int, ...]:
    """Return what the command ``enter`` wants to know of a contact."""
    return (row.contact, row.leg, row.queue, row.line, row.rank, milliseconds(row.waiting_since), row.callback)


def entering(row: Routed) -> tuple[str | int, ...]:
    """Return all that the command ``enter`` is told of a contact: also how its requirement widens, who is rung first, and
    which decision SQL knows of."""
    return (*enter_arguments(row), *step_arguments(row), "1" if row.citizen_first else "", row.token)


def restore_arguments(row: Routed) -> tuple[str | int, ...]:
    """Return what the command ``restore_talk`` wants to know of a contact."""
    who = (row.agent, row.offer, row.token, row.agent_leg)
    return (*enter_arguments(row), row.state, *who, *step_arguments(row))


def step_arguments(row: Routed) -> tuple[str | int, ...]:
    """Return what the line wants to know of how a contact's requirement widens: step, plan, and when the next is due."""
    due_at = due_after(read_plan(row.steps), row.step)
    return (row.step, row.steps, "" if due_at is None else due_at)
