"""What an agent does with written contacts: several at a time, without a phone."""

from contextlib import suppress
from datetime import datetime

from contacts.model import Channel, TalkEnd
from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, ContactId, LegId
from skills_routing.arrivals.entering import Entrance
from skills_routing.configuration import RoutingConfiguration
from skills_routing.errors import NotYourContactError, WrongStateError
from skills_routing.line.connection import Connection
from skills_routing.line.live_line import Command, LiveLine
from skills_routing.line.records import catch_up, write_up
from skills_routing.line.steering import Steering
from skills_routing.model import ContactState, Need, line_of, rank
from skills_routing.rules.queues import WrittenRule
from skills_routing.rules.steps import write_plan
from skills_routing.store import Routed
from storage.database import Database


class WrittenContacts:
    """How written work begins and ends. In between it is offered and accepted like any other: ``Routing.accept``."""

    def __init__(
        self,
        *,
        steering: Steering,
        line: LiveLine,
        database: Database,
        contacts: Contacts,
        configuration: RoutingConfiguration,
        clock: Clock,
        entrance: Entrance,
    ) -> None:
        self._steering = steering
        self._line = line
        self._database = database
        self._contacts = contacts
        self._configuration = configuration
        self._clock = clock
        self._entrance = entrance

    async def enter(
        self,
        contact: ContactId,
        *,
        queue: str,
        language: str,
        waiting_since: datetime,
        channel: Channel = Channel.SMS,
        preferred_agent: AgentId | None = None,
        needs: frozenset[Need] = frozenset(),
    ) -> None:
        """Put somebody who has written in the line; no phone rings for them, and an agent may have several.

        Calls that come until so much later as ``queues.yaml`` says of the channel are answered before, and by so much
        later than for a call what is asked for widens, also from the ``preferred_agent`` to anybody. ``needs`` is what this
        one citizen needs besides, at every step.
        """
        found, code = self._entrance.queue(queue), self._entrance.language(language)
        rule, now = self._configuration.written.get(channel, WrittenRule()), self._clock.now()
        agent = preferred_agent or await self._entrance.known_agent(contact, found, now=now)
        plan = found.plan(code, entered_at=now + rule.behind, agent=agent, besides=needs)
        routed = Routed(
            contact=contact,
            state=ContactState.WAITING,
            leg=LegId(""),
            queue=found.id,
            language=language,
            line=line_of(plan[0].requirement, weight=rule.weight),
            rank=rank(waiting_since, head_start=found.head_start - rule.behind),
            waiting_since=waiting_since,
            entered_at=now,
            steps=write_plan(plan, weight=rule.weight),
        )
        await self._entrance.begin(routed)

    async def close(self, agent: AgentId, *, contact: ContactId, code: str, note: str = "") -> None:
        """Keep the reason and the note, and end the contact: the citizen has the answer.

        Raises :class:`NotYourContactError` and, for a call or one that is not accepted yet, :class:`WrongStateError`.
        """
        connection = await self._at_hand(agent, contact)
        async with self._database.transaction() as tx:
            await catch_up(tx, connection=connection, contacts=self._contacts)
            await self._contacts.talk_ended(tx, contact, TalkEnd.AGENT)
            now = self._clock.now()
            await write_up(tx, connection=connection, contacts=self._contacts, code=code, note=note, at=now)
            await self._contacts.close(tx, contact)
        await self._steering.run(Command.WRAP_UP, agent, contact, "", "")

    async def hand_back(self, agent: AgentId, *, contact: ContactId, reason: str = "handed_back") -> None:
        """Put a contact back at its place in the line, for somebody else; raises as :meth:`close` does."""
        connection = await self._at_hand(agent, contact)
        await self._steering.run(Command.RETURN_CALLER, contact, connection.offer, reason[:60])

    async def let_go(self, agent: AgentId) -> None:
        """Put all that an agent has at hand back at its place: they have logged off."""
        for contact in await self._line.written(agent):
            with suppress(NotYourContactError, WrongStateError):  # its citizen was helped otherwise at this moment
                await self.hand_back(agent, contact=contact, reason="logged_off")

    async def _at_hand(self, agent: AgentId, contact: ContactId) -> Connection:
        await self._steering.see_that_it_stands()
        connection = await self._line.connection(contact)
        if connection is None or connection.agent != agent:
            raise NotYourContactError
        if not connection.is_written or connection.state is not ContactState.TALKING:
            raise WrongStateError
        return connection
