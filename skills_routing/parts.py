"""How this room is put together: who works with whom behind its one door."""

from dataclasses import dataclass

from redis.asyncio import Redis

from contacts.service import Contacts
from core.clock import Clock
from core.ids import NewId
from skills_routing.agents.phones import Phones
from skills_routing.agents.staffing import Staffing
from skills_routing.arrivals.entering import Entrance
from skills_routing.arrivals.late import LateWork
from skills_routing.arrivals.promised import PromisedCallbacks
from skills_routing.arrivals.written import WrittenContacts
from skills_routing.configuration import RoutingConfiguration
from skills_routing.line.aftermath import Aftermath, Dial, Performs, Tell
from skills_routing.line.legs import Legs
from skills_routing.line.live_line import LiveLine
from skills_routing.line.rebuilding import Rebuilder
from skills_routing.line.steering import Steering
from skills_routing.mending.reconciling import Reconciler
from skills_routing.model import Policy
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the room is handed: ``tell`` takes live facts, ``dial`` begins an attempt to keep a promise."""

    redis: Redis
    database: Database
    clock: Clock
    new_id: NewId
    switch: Performs
    contacts: Contacts
    configuration: RoutingConfiguration
    tell: Tell
    dial: Dial
    policy: Policy
    shown_number: str


class Parts:
    """Everybody behind the door, made once."""

    def __init__(self, given: Given) -> None:
        self.line = LiveLine(redis=given.redis, new_id=given.new_id, policy=given.policy)
        self.aftermath = _aftermath(given, self.line)
        self.steering = _steering(given, self.line, self.aftermath)
        self.reconciler = _reconciler(given, self)
        self.legs = Legs(steering=self.steering, line=self.line, aftermath=self.aftermath, database=given.database)
        self.late = LateWork(steering=self.steering, database=given.database, contacts=given.contacts)
        self.entrance = Entrance(
            steering=self.steering,
            database=given.database,
            contacts=given.contacts,
            configuration=given.configuration,
            late=self.late,
        )
        self.written = _written(given, self)
        self.promised = PromisedCallbacks(
            steering=self.steering, database=given.database, clock=given.clock, entrance=self.entrance
        )
        self.phones = Phones(steering=self.steering, line=self.line, clock=given.clock)
        self.staffing = Staffing(
            steering=self.steering,
            line=self.line,
            database=given.database,
            configuration=given.configuration,
            clock=given.clock,
        )


def _aftermath(given: Given, line: LiveLine) -> Aftermath:
    return Aftermath(
        line=line,
        switch=given.switch,
        database=given.database,
        contacts=given.contacts,
        tell=given.tell,
        policy=given.policy,
        shown_number=given.shown_number,
        dial=given.dial,
    )


def _steering(given: Given, line: LiveLine, aftermath: Aftermath) -> Steering:
    rebuilder = Rebuilder(
        line=line,
        database=given.database,
        aftermath=aftermath,
        configuration=given.configuration,
        clock=given.clock,
        new_id=given.new_id,
        policy=given.policy,
    )
    return Steering(
        line=line, rebuilder=rebuilder, aftermath=aftermath, clock=given.clock, configuration=given.configuration
    )


def _reconciler(given: Given, parts: Parts) -> Reconciler:
    return Reconciler(
        steering=parts.steering,
        line=parts.line,
        aftermath=parts.aftermath,
        database=given.database,
        contacts=given.contacts,
        clock=given.clock,
        policy=given.policy,
        name=given.new_id("router"),
    )


def _written(given: Given, parts: Parts) -> WrittenContacts:
    return WrittenContacts(
        steering=parts.steering,
        line=parts.line,
        database=given.database,
        contacts=given.contacts,
        configuration=given.configuration,
        clock=given.clock,
        entrance=parts.entrance,
    )
