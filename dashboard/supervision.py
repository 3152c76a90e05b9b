"""What supervisors see and do: agents' skills, messages to callers. Whoever changes something is noted with it (I-25)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from core.clock import Clock
from core.ids import AgentId
from dashboard import showing
from dashboard.supervision_views import AgentSkillsView, SkillLevelView, SupervisionView
from dashboard.views import ChoiceView
from ivr.notice_board import NoticeBoard
from ivr.notices import Message, Place
from skills_routing.agents.staffing import Note, Staffed
from skills_routing.errors import UnknownAgentError
from skills_routing.model import Agent
from skills_routing.service import Routing
from storage.audit import Reading, note_reading
from storage.database import Database, Transaction


class Supervision:
    """The supervisors' side of the dashboard. ``configured`` are the agents as the file has them."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        routing: Routing,
        notices: NoticeBoard,
        configured: Callable[[], Sequence[Agent]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._routing = routing
        self._notices = notices
        self._configured = configured

    async def picture(self) -> SupervisionView:
        """Return everything that a supervisor sees."""
        await self._notices.refresh()
        lengths = await self._routing.lengths()
        said_of = set(self._notices.places(Place.SKILL))
        missing = await self._routing.phones.missing()
        return SupervisionView(
            agents=[_agent(one, missing) for one in await self._routing.staffing.everybody()],
            skills=_choices(self._routing.staffing.skills()),
            queues=[showing.queue(length) for length in lengths],
            entry_points=_choices({name: name for name in self._notices.places(Place.ENTRY_POINT)}),
            spoken_of=[one for one in _choices(self._routing.staffing.skills()) if one.id in said_of],
            notices=showing.notices(self._notices, lengths, self._routing.staffing.skills(), now=self._clock.now()),
            ready_made=_choices(self._notices.ready_made()),
            now=self._clock.now(),
        )

    async def set_skills(self, me: AgentId, agent: AgentId, levels: Mapping[str, int], *, confirm: bool) -> None:
        """Set what an agent can do, at once; raises as :meth:`skills_routing.agents.staffing.Staffing.change` does."""
        note = self._noting(me, f"set_skills:{agent}")
        await self._routing.staffing.change(agent, levels, by=me, confirm=confirm, note=note)

    async def reset_skills(self, me: AgentId, agent: AgentId, *, confirm: bool) -> None:
        """Let the file count for an agent again; raises :class:`UnknownAgentError` for one who is not in it."""
        found = next((one for one in self._configured() if one.id == agent), None)
        if found is None:
            raise UnknownAgentError(agent[:60])
        note = self._noting(me, f"reset_skills:{agent}")
        await self._routing.staffing.reset(agent, found.skills, by=me, confirm=confirm, note=note)

    async def put_up(self, me: AgentId, place: Place, name: str, message: Message, *, lasts: timedelta) -> datetime:
        """Have a message said to callers; return when it ends by itself. Raises as :class:`NoticeBoard` does."""
        async with self._database.transaction() as tx:
            notice = await self._notices.put_up(tx, place, name, message=message, by=me, lasts=lasts)
            await self._noting(me, f"put_up:{place}:{name}")(tx)
        await self._notices.refresh()
        return notice.ends_at

    async def take_down(self, me: AgentId, place: Place, name: str) -> None:
        """Have a message said no more."""
        async with self._database.transaction() as tx:
            await self._notices.take_down(tx, place, name, by=me)
            await self._noting(me, f"take_down:{place}:{name}")(tx)
        await self._notices.refresh()

    def _noting(self, me: AgentId, what: str) -> Note:
        async def note(tx: Transaction) -> None:
            await note_reading(tx, Reading(reader=me, what=what[:80]), at=self._clock.now())

        return note


def _agent(one: Staffed, missing: Collection[AgentId]) -> AgentSkillsView:
    return AgentSkillsView(
        agent=one.agent.id,
        name=one.agent.name,
        site=one.agent.site,
        skills=[SkillLevelView(skill=skill, level=level) for skill, level in one.agent.skills.levels],
        chosen_by=one.chosen_by,
        chosen_at=one.chosen_at,
        no_phone=one.agent.id in missing,
    )


def _choices(labels: Mapping[str, str]) -> list[ChoiceView]:
    return [ChoiceView(id=name, label=label) for name, label in labels.items()]
