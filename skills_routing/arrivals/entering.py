"""How a contact comes into the line: written down first, and in Redis as soon as that is there."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from contacts.service import Contacts
from core.ids import AgentId, ContactId
from core.language import Language
from skills_routing import store
from skills_routing.arrivals.late import LateWork
from skills_routing.configuration import RoutingConfiguration
from skills_routing.line import over_store
from skills_routing.line.steering import Steering
from skills_routing.rules.queues import Queue
from skills_routing.rules.steps import StepReason
from skills_routing.store import Routed, StepRow
from storage.database import Database, Transaction
from storage.redis import LiveStoreUnavailableError

log = structlog.get_logger()


class Entrance:
    """Lets everybody in: a queue or a language that nobody knows is our mistake and not the citizen's."""

    def __init__(
        self,
        *,
        steering: Steering,
        database: Database,
        contacts: Contacts,
        configuration: RoutingConfiguration,
        late: LateWork,
    ) -> None:
        self._steering = steering
        self._database = database
        self._contacts = contacts
        self._configuration = configuration
        self._late = late

    def queue(self, name: str) -> Queue:
        """Return the queue of this name; the general one, or any, when there is none."""
        if name in self._configuration.queues:
            return self._configuration.queue(name)
        if name in self._configuration.retired:
            log.info("a caller who rang before a queue was taken away waits in the general one", queue=name[:60])
        else:
            log.error("a flow sends callers to a queue that does not exist", queue=name[:60])
        queues = self._configuration.queues
        return queues.get("allmant") or next(iter(queues.values()))

    def language(self, code: str) -> str:
        """Return the code of the language in which agents are asked for: Swedish for one that no skill names.

        ``config check`` refuses a language that callers can choose and no skill names; this is for one that came otherwise,
        and :mod:`~skills_routing.explain` tells it of each contact.
        """
        if code in self._configuration.languages:
            return code
        log.error("no skill is named for a language that somebody speaks", language=code[:10])
        return Language.SWEDISH

    async def known_agent(self, contact: ContactId, queue: Queue, *, now: datetime) -> AgentId | None:
        """Return the agent whom this citizen talked with lately, if the queue goes by that; whether they fit the line sees."""
        since = queue.knows_since(now)
        if since is None:
            return None
        async with self._database.reading() as tx:
            talk = await self._contacts.last_talk(tx, contact, since=since)
        return talk.agent if talk is not None else None

    async def begin(self, routed: Routed, path: tuple[str, ...] = ()) -> None:
        """Let a contact begin to wait. Asked twice it changes nothing; one that has ended meanwhile does not wait.

        With Redis down the contact waits on, and enters when the line stands again.
        """
        if await self._database.together.run(partial(self._write, routed=routed, path=path)):
            await self._let_in(routed)

    async def begin_promised(self, routed: Routed) -> bool:
        """Let a promise to ring back begin to wait; ``False`` when its contact is here for something else."""
        known = await self._database.together.run(partial(self._write_promised, routed=routed))
        if known is None:
            await self._let_in(routed)
        return known is None or known.callback == routed.callback

    async def _write(self, tx: Transaction, *, routed: Routed, path: tuple[str, ...]) -> bool:
        contact = routed.contact
        if await store.find(tx, contact, to_change=True) is not None:
            return False
        if path:
            await self._contacts.walked(tx, contact, path)
        if not await self._contacts.waiting(tx, contact, routed.queue, waiting_since=routed.waiting_since):
            return False
        await store.add(tx, routed)
        await self._note_language(tx, routed)
        return True

    async def _note_language(self, tx: Transaction, routed: Routed) -> None:
        """Keep it when the language that somebody speaks cannot be asked for: the contact's row is gone after the talk."""
        if routed.language in self._configuration.languages:
            return
        dropped = StepRow(routed.contact, 0, routed.line, StepReason.NO_LANGUAGE, routed.entered_at, routed.language)
        await store.take_step(tx, dropped)

    async def _let_in(self, routed: Routed) -> None:
        try:
            await self._steering.enter(routed)
        except LiveStoreUnavailableError:
            log.warning("the line is not there just now; the contact waits on", contact=routed.contact)
            self._late.remember(routed)

    async def _write_promised(self, tx: Transaction, *, routed: Routed) -> Routed | None:
        """Write that a promise begins to wait, unless its contact is here: return what is known of it.

        What comes late of an attempt before, which is over, says nothing of this one.
        """
        known = await store.find(tx, routed.contact, to_change=True)
        if known is None:
            await store.add(tx, replace(routed, token=await over_store.over_up_to(tx, routed.contact)))
            await self._note_language(tx, routed)
        return known
