"""Whole lives of contacts, as what the line tells of each decision and what others write meanwhile. Pure.

A life is what happens to one contact in order; how late each record of it is written, and how often, is for others to
choose. Each decision has its own second.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId
from skills_routing.line.connection import Connection
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.model import ContactState, milliseconds
from tests.fakes.clock import START

CONTACT, CALLBACK = ContactId("con_1"), CallbackId("cbk_1")


@dataclass(frozen=True)
class Decided:
    """A decision of the line; with ``awaited`` nothing more happens before it is recorded once, as others go by it."""

    facts: tuple[LineFact, ...]
    awaited: bool = False


@dataclass(frozen=True)
class Enters:
    """The contact begins to wait, in SQL."""

    at: int


@dataclass(frozen=True)
class Noted:
    """The agent's note is written, in SQL, by what the line knows at that moment."""

    connection: Connection
    at: int
    closes: bool = False


Happening = Decided | Enters | Noted


@dataclass
class Life:
    """A life, and what must be known of it in the end. ``choose`` returns one of the words that it is given."""

    choose: Callable[[tuple[str, ...]], str]
    callback: CallbackId = CallbackId("")
    happenings: list[Happening] = field(default_factory=list)
    talks: list[tuple[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    token: int = 0
    now: int = milliseconds(START)

    def decided(self, *facts: LineFact, awaited: bool = False) -> None:
        self.now += 1000
        self.happenings.append(Decided(tuple(replace(fact, at=self.now) for fact in facts), awaited))

    def fact(self, kind: Kind, **values: str) -> LineFact:
        here = {"agent": AgentId("asa"), "offer": OfferId(f"off_{self.token}"), "agent_leg": LegId(f"leg_{self.token}")}
        known = {**here, "leg": LegId("leg_citizen"), "callback": self.callback, **values}
        return LineFact(fact=kind, at=0, contact=CONTACT, token=self.token, **known)  # type: ignore[arg-type]

    def enters(self) -> None:
        self.now += 1000
        self.happenings.append(Enters(self.now))

    def offered(self, *, may_miss: bool = True) -> None:
        while True:
            self.token += 1
            self.decided(self.fact(Kind.OFFER_MADE, reason="fits_best"))
            if not may_miss or self.choose(("takes", "misses")) == "takes":
                return
            self.decided(self.fact(Kind.OFFER_ENDED, how="timed_out"))

    def taken(self, kind: Kind) -> None:
        self.decided(self.fact(Kind.OFFER_ENDED, how="accepted"), self.fact(kind))

    def attempt_ends(self, how: str, *more: LineFact, awaited: bool = True) -> None:
        self.decided(*more, self.fact(Kind.RING_BACK_ENDED, how=how), awaited=awaited)
        self.ended.append(how)

    def talk_ends(self) -> None:
        by = self.choose(("citizen", "agent", "fault"))
        self.talks.append(("asa", by))
        over = self.fact(Kind.TALK_ENDED, by=by)
        if self.callback:
            self.attempt_ends("reached", over, awaited=False)
        else:
            self.decided(over)
        self.wraps_up(by)

    def wraps_up(self, by: str) -> None:
        if self.choose(("note", "browser_gone")) == "note":
            self.happenings.append(Noted(self.connection(ContactState.WRAP_UP, by), self.now))
        self.decided(self.fact(Kind.WRAPPED_UP, by=by))

    def connection(self, state: ContactState, by: str = "") -> Connection:
        now = self.fact(Kind.JOINED)
        return Connection(
            contact=CONTACT,
            state=state,
            leg=now.leg,
            state_since=self.now,
            agent=now.agent,
            agent_leg=now.agent_leg,
            offer=now.offer,
            token=now.token,
            callback=now.callback,
            ended_by=by,
        )


def call(life: Life) -> None:
    """Somebody rings; perhaps chooses something else and comes again, or loses an agent."""
    life.enters()
    if life.choose(("waits", "comes_again")) == "comes_again":
        life.decided(life.fact(Kind.LEFT, reason="callback"), awaited=True)
        life.enters()
    while True:
        life.offered()
        if life.choose(("talks", "gives_up")) == "gives_up":
            life.decided(life.fact(Kind.OFFER_ENDED, how="canceled"), life.fact(Kind.LEFT, reason="hung_up"))
            return
        life.taken(Kind.JOINED)
        if life.choose(("to_the_end", "agent_is_lost")) == "to_the_end":
            return life.talk_ends()
        life.decided(life.fact(Kind.RETURNED, reason="agent_lost"))


def written(life: Life) -> None:
    """Somebody has written; perhaps the first agent hands it back."""
    life.enters()
    while True:
        life.offered()
        life.taken(Kind.JOINED)
        if life.choose(("answers", "hands_back")) == "answers":
            break
        life.decided(life.fact(Kind.RETURNED, reason="handed_back"))
    life.talks.append(("asa", "agent"))
    life.happenings.append(Noted(life.connection(ContactState.TALKING), life.now, closes=True))
    life.decided(life.fact(Kind.WRAPPED_UP))


def agent_first(life: Life) -> bool:
    """One attempt at a promise in the line: the agent's phone first; tells whether they talked."""
    life.enters()
    life.offered()
    return _both(life)


def out_of_turn(life: Life) -> bool:
    """One attempt that an agent picked: nothing is in SQL before."""
    life.offered(may_miss=False)
    if life.choose(("takes", "misses")) == "misses":
        life.attempt_ends("agent_timed_out", life.fact(Kind.OFFER_ENDED, how="timed_out"))
        return False
    return _both(life)


def citizen_first(life: Life) -> bool:
    """One attempt in which the citizen is rung before an agent is."""
    life.enters()
    life.token += 1
    life.decided(life.fact(Kind.DIALLED, agent="", agent_leg=""))
    end = life.choose(("confirms", "no_answer", "not_now", "gave_up"))
    if end in ("no_answer", "not_now"):
        life.attempt_ends(end)
        return False
    life.decided(life.fact(Kind.CONFIRMED, agent="", agent_leg=""))
    if end == "gave_up":
        life.attempt_ends(end)
        return False
    life.offered()
    life.taken(Kind.JOINED)
    life.talk_ends()
    return True


def _both(life: Life) -> bool:
    life.taken(Kind.CALLING)
    end = life.choose(("answers", "busy", "agent_hung_up"))
    if end != "answers":
        life.attempt_ends(end)
        return False
    life.decided(life.fact(Kind.JOINED))
    life.talk_ends()
    return True


ATTEMPTS = {"agent_first": agent_first, "out_of_turn": out_of_turn, "citizen_first": citizen_first}


def promise(life: Life) -> None:
    """A promise to ring back, kept at the first attempt, at a later one, or not yet."""
    life.callback = CALLBACK
    for _ in range(3):
        if ATTEMPTS[life.choose(tuple(ATTEMPTS))](life):
            return


KINDS: dict[str, Callable[[Life], None]] = {"call": call, "written": written, "promise": promise}


def facts_of(happenings: list[Happening]) -> Iterator[LineFact]:
    """Return every fact of a life, in order."""
    for each in happenings:
        if isinstance(each, Decided):
            yield from each.facts
