"""Who can do what: as the file says, or as a supervisor has set it, at once; and a warning before somebody is left."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from core.ids import AgentId
from core.language import Language
from skills_routing import store
from skills_routing.agents import staffing_store
from skills_routing.agents.last_one import Alone, alone_for, in_words, whom_nobody_serves
from skills_routing.agents.staffing_store import ChosenSkills, WaitingFor
from skills_routing.configuration import RoutingConfiguration
from skills_routing.errors import LastAgentError, UnknownAgentError, UnknownSkillError
from skills_routing.line.live_line import LiveLine, know_agent
from skills_routing.line.steering import Steering
from skills_routing.model import LEVELS, Agent, AgentState, Need, Skills, read_requirement, read_skills, scarcities
from skills_routing.rules.queues import SkillKind
from storage.database import Database, Transaction

log = structlog.get_logger()

_RECOUNT = timedelta(seconds=30)

Note = Callable[[Transaction], Awaitable[object]]
"""Writes who changes what, in the transaction of the change."""


@dataclass(frozen=True, kw_only=True)
class Staffed:
    """An agent and what they can do; ``chosen_by`` is the supervisor who has set it, empty when the file says it."""

    agent: Agent
    chosen_by: str = ""
    chosen_at: datetime | None = None


class Staffing:
    """The agents and their skills. Every change counts at once, for the idle and for those who wait."""

    def __init__(
        self,
        *,
        steering: Steering,
        line: LiveLine,
        database: Database,
        configuration: RoutingConfiguration,
        clock: Clock,
    ) -> None:
        self._steering = steering
        self._line = line
        self._database = database
        self._configuration = configuration
        self._clock = clock
        self._recounted_at: datetime | None = None

    async def sync(self, agents: Iterable[Agent]) -> None:
        """Make these the agents; what a supervisor has set stands, and it is told where that differs from the file.

        A skill that no file names any more stays with those who had it until nobody waits who needs it.
        """
        async with self._database.transaction() as tx:
            before = {agent.id: agent for agent in await store.all_agents(tx)}
            chosen = await staffing_store.everything_chosen(tx)
            waiting = await staffing_store.waiting(tx)
            needed = self._retired(waiting)
            wanted = [self._as_it_stands(agent, before.get(agent.id), chosen.get(agent.id), needed) for agent in agents]
            await store.save_agents(tx, wanted)
            everybody = await store.all_agents(tx)
        await self._know(everybody)
        rows = [(one.queue, one.line, one.waiting) for one in waiting]
        enabled = [agent.skills for agent in everybody if agent.enabled]
        for queue, many in whom_nobody_serves(rows, enabled).items():
            log.error("callers wait whom no agent can serve any more", queue=queue, waiting=many)

    async def holds_retired_skills(self) -> bool:
        """Tell whether somebody still has a skill that no file names: then :meth:`sync` is to be done again."""
        async with self._database.reading() as tx:
            everybody = await store.all_agents(tx)
        return any(skill not in self._configuration.skills for one in everybody for skill, _level in one.skills.levels)

    async def everybody(self) -> tuple[Staffed, ...]:
        """Return every agent who may take contacts, by name, with their skills."""
        async with self._database.reading() as tx:
            agents = await store.all_agents(tx)
            chosen = await staffing_store.everything_chosen(tx)
        enabled = sorted((agent for agent in agents if agent.enabled), key=lambda agent: (agent.name, agent.id))
        return tuple(_staffed(agent, chosen.get(agent.id)) for agent in enabled)

    async def for_protected(self) -> frozenset[Need]:
        """Return what an agent needs to handle somebody with protected identity; nothing when no agent has it.

        Then the citizen is not kept waiting for nobody: anybody answers, and is not shown the name.
        """
        async with self._database.reading() as tx:
            able = {name for one in await store.all_agents(tx) if one.enabled for name, _level in one.skills.levels}
        found = frozenset(Need(name) for name in self._protected() if name in able)
        if not found:
            log.error("no agent is cleared for protected identity, so whoever is free answers, without the name")
        return found

    async def is_cleared(self, agent: AgentId) -> bool:
        """Tell whether an agent may see the name of somebody with protected identity."""
        async with self._database.reading() as tx:
            has = {name for one in await store.all_agents(tx) if one.id == agent for name, _level in one.skills.levels}
        return not has.isdisjoint(self._protected())

    def _protected(self) -> frozenset[str]:
        return frozenset(name for name, row in self._configuration.skills.items() if row.kind is SkillKind.PROTECTED)

    def skills(self) -> Mapping[str, str]:
        """Return every skill that there is: its id, and how it is called."""
        return {name: row.label for name, row in self._configuration.skills.items()}

    async def change(
        self, agent: AgentId, levels: Mapping[str, int], *, by: str, confirm: bool = False, note: Note | None = None
    ) -> None:
        """Set what an agent can do, from now on and after a restart, until :meth:`reset`.

        Raises :class:`UnknownAgentError`, :class:`UnknownSkillError`, and :class:`LastAgentError` when somebody who
        waits could be served by nobody afterwards, unless ``confirm``.
        """
        skills = self._checked(levels)
        await self._warn(agent, skills, confirm=confirm)
        async with self._database.transaction() as tx:
            await staffing_store.choose(tx, ChosenSkills(agent, skills, by, self._clock.now()))
            await self._set(tx, agent, skills, note)
        log.info("an agent's skills are set by a supervisor", agent=agent, by=by, skills=dict(skills.levels))
        await self._know_first(agent)

    async def let_calls_in(self, agent: AgentId, *, yes: bool) -> None:
        """Let calls come while this agent writes, or not, as they say themselves: at once, and whatever the file says.

        Raises :class:`UnknownAgentError`.
        """
        async with self._database.transaction() as tx:
            if agent not in {one.id for one in await store.all_agents(tx) if one.enabled}:
                raise UnknownAgentError(agent[:60])
            await store.let_calls_in(tx, agent, yes=yes)
        await self._know_first(agent)

    async def reset(
        self, agent: AgentId, from_file: Skills, *, by: str, confirm: bool = False, note: Note | None = None
    ) -> None:
        """Let the file count for an agent again; raises as :meth:`change` does."""
        await self._warn(agent, from_file, confirm=confirm)
        async with self._database.transaction() as tx:
            await staffing_store.forget(tx, agent)
            await self._set(tx, agent, from_file, note)
        log.info("an agent's skills are as the file says again", agent=agent, by=by)
        await self._know_first(agent)

    async def alone_for(
        self, agent: AgentId, *, afterwards: Skills | None = None, pausing: bool = False
    ) -> tuple[str, ...]:
        """Return in Swedish whom nobody could serve without this agent; ``afterwards`` as in :func:`alone_for`.

        ``pausing``: who has a break now helps nobody, while of one who leaves only those who are not here count as gone.
        """
        alone = await self._alone(agent, afterwards, pausing=pausing)
        labels = {queue.id: queue.label[Language.SWEDISH] for queue in self._configuration.every_queue()}
        return in_words(alone, labels, pausing=pausing)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _warn(self, agent: AgentId, skills: Skills, *, confirm: bool) -> None:
        sentences = await self.alone_for(agent, afterwards=skills)
        if sentences and not confirm:
            raise LastAgentError(" ".join(sentences))
        if sentences:
            log.warning("an agent's skills are changed although callers wait for nobody else", agent=agent)

    async def _alone(self, agent: AgentId, afterwards: Skills | None, *, pausing: bool = False) -> tuple[Alone, ...]:
        away = {AgentState.LOGGED_OFF, AgentState.NOT_READY} if pausing else {AgentState.LOGGED_OFF}
        async with self._database.reading() as tx:
            waiting = [(one.queue, one.line, one.waiting) for one in await staffing_store.waiting(tx)]
            enabled = {one.id: one.skills for one in await store.all_agents(tx) if one.enabled}
        if not waiting:
            return ()
        here = {
            name: read_skills(found.get("profile", ""))
            for name, found in (await self._line.agents()).items()
            if found.get("state", AgentState.LOGGED_OFF) not in away
        }
        if agent not in here and pausing:
            return ()  # who does not answer anyhow leaves nobody
        return alone_for(agent, waiting=waiting, able=here if agent in here else enabled, afterwards=afterwards)

    async def _set(self, tx: Transaction, agent: AgentId, skills: Skills, note: Note | None) -> None:
        known = {one.id for one in await store.all_agents(tx) if one.enabled}
        if agent not in known:
            raise UnknownAgentError(agent[:60])
        await staffing_store.set_skills(tx, agent, skills)
        if note is not None:
            await note(tx)

    async def _know_first(self, agent: AgentId) -> None:
        """Have the line know this agent at once, and then the others, whose skills are more or less scarce by it."""
        async with self._database.reading() as tx:
            everybody = await store.all_agents(tx)
        await self._know(sorted(everybody, key=lambda one: one.id != agent))

    async def _know(self, everybody: Iterable[Agent]) -> None:
        everybody = tuple(everybody)
        scarcity = scarcities(everybody, on_duty=on_duty(await self._line.agents()))
        for agent in everybody:
            command, own = know_agent(agent, scarcity.get(agent.id, 0))
            await self._steering.run(command, *own)

    async def recount(self) -> None:
        """Have the line know how scarce skills are among those who are on duty now; at most every 30 s, so that who comes
        and goes moves nobody about. Any process may; twice does no harm."""
        now = self._clock.now()
        if self._recounted_at is not None and now - self._recounted_at < _RECOUNT:
            return
        self._recounted_at = now
        here = await self._line.agents()
        async with self._database.reading() as tx:
            everybody = await store.all_agents(tx)
        scarcity = scarcities(everybody, on_duty=on_duty(here))
        for agent in everybody:
            known = here.get(agent.id, {}).get("scarcity")
            if agent.id in scarcity and known is not None and int(known or 0) != scarcity[agent.id]:
                command, own = know_agent(agent, scarcity[agent.id])
                await self._steering.run(command, *own)

    def _checked(self, levels: Mapping[str, int]) -> Skills:
        for skill, level in levels.items():
            if skill not in self._configuration.skills:
                raise UnknownSkillError(skill[:60])
            if level not in LEVELS:
                raise UnknownSkillError(f"{skill}: en nivå är 1 till 5.")
        return Skills(tuple(sorted(levels.items())))

    def _retired(self, waiting: Iterable[WaitingFor]) -> frozenset[str]:
        """Return the skills that no file names any more and that somebody waits for."""
        needed = {need.skill for one in waiting for need in read_requirement(one.line).for_anybody.needs}
        return frozenset(needed - self._configuration.skills.keys())

    def _as_it_stands(
        self, agent: Agent, before: Agent | None, chosen: ChosenSkills | None, needed: frozenset[str]
    ) -> Agent:
        skills = agent.skills
        if chosen is not None:
            skills = Skills(tuple(pair for pair in chosen.skills.levels if pair[0] in self._configuration.skills))
            if skills != agent.skills:
                log.info("an agent's skills differ from the file; the supervisor's stand", agent=agent.id,
                         by=chosen.chosen_by)  # fmt: skip
        held = tuple(pair for pair in before.skills.levels if pair[0] in needed) if before else ()
        return replace(agent, skills=Skills(tuple(sorted({*skills.levels, *held}))))


def on_duty(agents: Mapping[AgentId, Mapping[str, str]]) -> frozenset[AgentId]:
    """Return who is logged in, or comes back as that after a rebuild, by the line's records."""
    return frozenset(
        agent
        for agent, found in agents.items()
        if found.get("state", AgentState.LOGGED_OFF) != AgentState.LOGGED_OFF
        or found.get("wish", "") not in ("", AgentState.LOGGED_OFF)
    )


def _staffed(agent: Agent, chosen: ChosenSkills | None) -> Staffed:
    if chosen is None:
        return Staffed(agent=agent)
    return Staffed(agent=agent, chosen_by=chosen.chosen_by, chosen_at=chosen.chosen_at)
