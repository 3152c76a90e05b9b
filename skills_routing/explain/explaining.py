"""Says in Swedish words why a contact went where it went, or why it still waits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contacts.model import EarlierTalk
from contacts.service import Contacts
from core.clock import STOCKHOLM
from core.ids import ContactId
from skills_routing import store
from skills_routing.configuration import RoutingConfiguration
from skills_routing.errors import UnknownContactError
from skills_routing.explain.waiting_words import WaitingPicture, since_words, step_words, waiting_words
from skills_routing.forecast import wait_store
from skills_routing.forecast.foreseen import Foreseen
from skills_routing.forecast.live_waits import foreseen_of
from skills_routing.forecast.wait_store import HowItEnded
from skills_routing.line.batch import both_sides
from skills_routing.line.connection import Connection
from skills_routing.line.live_line import GENERATION, LiveLine, read_connection
from skills_routing.model import ContactState, Waiting, instant, milliseconds, read_requirement, weight_of
from skills_routing.rules.reasons import (
    Candidate,
    NotOffered,
    Surroundings,
    avoided_by,
    candidate,
    why_not_offered,
)
from skills_routing.rules.steps import StepReason, read_plan
from skills_routing.store import OfferRow, ReturnRow, Routed, StepRow
from storage.database import Transaction
from storage.redis import our_errors

_CHOSEN = {
    "agent_free": "blev ledig, och kontakten stod först av dem som {agent} kan hjälpa",
    "fits_best": "var den av de lediga vars kompetenser flest inloggade har, och av flera sådana hade varit ledig längst",
    "preferred_agent": "var ledig, och är den som kontakten helst skulle få",
    "ring_back": "ringer upp",
    "batch": "var ledig när många som väntade fördelades på en gång",
}
_ENDINGS = {
    "accepted": "svarade",
    "rejected": "avböjde",
    "timed_out": "svarade inte i tid",
    "canceled": "hann inte svara innan personen lämnade kön",
    "rescinded": "kunde inte nås",
    "": "har ännu inte svarat",
}

_RETURNS = {"handed_back": "lämnades tillbaka av {agent}", "logged_off": "loggade {agent} ut"}
"""Why a contact is back in the line; any other word means that an agent was lost."""

_LEAVES: dict[str, str] = {
    HowItEnded.HUNG_UP: "lämnade personen kön innan någon svarade",
    HowItEnded.LEFT: "lämnade kontakten kön på annat sätt",
}

Moment = tuple[datetime, str]


@dataclass(frozen=True)
class Past:
    """What SQL knows of a contact: the offers that were made, the steps that were taken, and how often it came back,
    each oldest first."""

    offers: Sequence[OfferRow] = ()
    steps: Sequence[StepRow] = ()
    returns: Sequence[ReturnRow] = ()
    end: tuple[datetime | None, str] = (None, "")
    """When the first wait was over, and how."""
    known: EarlierTalk | None = None
    """The talk because of which one agent was preferred."""


@dataclass(frozen=True)
class Explanation:
    """Where a contact is, in one word, and why, in sentences.

    ``place`` counts from 1; 0 when it does not wait. ``not_offered`` says for each idle agent why not to them.
    ``foreseen`` is the rest of the wait as the caller may be told it; ``None`` when nobody is sure of it.
    """

    contact: ContactId
    state: str
    sentences: tuple[str, ...]
    place: int = 0
    not_offered: tuple[NotOffered, ...] = ()
    foreseen: Foreseen | None = None


async def read_past(
    tx: Transaction, contact: ContactId, row: Routed | None, *, contacts: Contacts, configuration: RoutingConfiguration
) -> Past:
    """Return what SQL knows of a contact; ``row`` is routing's, while it has one."""
    past = Past(
        offers=tuple(await store.offers_of(tx, contact)),
        steps=tuple(await store.steps_of(tx, contact)),
        returns=tuple(await store.returns_of(tx, contact)),
        end=await wait_store.end_of(tx, contact),
    )
    preferred = {offer.agent for offer in past.offers if offer.why == "preferred_agent"}
    if row is not None and row.steps:
        preferred |= {agent for agent in (ask.requirement.agent for ask in read_plan(row.steps)) if agent}
    ledger = await contacts.find(tx, contact) if preferred else None
    queue = configuration.known(ledger.queue) if ledger is not None else None
    since = queue.knows_since(ledger.waiting_since) if ledger and ledger.waiting_since and queue else None
    if since is None:
        return past
    return replace(past, known=await contacts.last_talk(tx, contact, since=since, agent=min(preferred)))


async def explain_contact(
    line: LiveLine,
    contact: ContactId,
    *,
    row: Routed | None,
    past: Past,
    configuration: RoutingConfiguration,
    now: datetime,
) -> Explanation:
    """Explain a contact from the live line and from what SQL keeps of it for good; raises :class:`UnknownContactError`."""
    found = await line.fields(f"kc:contact:{contact}")
    connection = read_connection(contact, found)
    if connection is None and row is None and past == Past():
        raise UnknownContactError(contact)
    picture = None
    if connection is not None and connection.state is ContactState.WAITING:
        picture = await picture_of(line, connection, found, now)
    foreseen = picture.foreseen if picture else None
    waiting = waiting_words(picture, configuration, now) if picture else []
    sentences = [*_history(past, configuration), *_now(connection, now), *waiting]
    return Explanation(
        contact,
        str(connection.state) if connection else "over",
        tuple(sentences) or ("Kontakten är avslutad.",),
        picture.place if picture else 0,
        tuple(picture.not_offered) if picture else (),
        foreseen if foreseen is not None and foreseen.sure else None,
    )


async def picture_of(line: LiveLine, connection: Connection, found: dict[str, str], now: datetime) -> WaitingPicture:
    """Return what there is to tell of a contact that waits; ``found`` is its live record."""
    at = milliseconds(now)
    candidates = [candidate(name, each, now=at) for name, each in (await line.agents()).items() if each.get("state")]
    waiting = Waiting(
        connection.contact,
        int(found.get("rank") or 0),
        connection.requirement,
        avoided_by(found, now=at),
        weight_of(connection.line),
        rung_first=found.get("citizen_first") == "1" and not connection.leg and connection.requirement.agent is None,
    )
    surroundings = await _surroundings(line, candidates, now=now)
    return WaitingPicture(
        connection=connection,
        place=await _place(line, connection),
        due_at=instant(int(found["due"])) if found.get("due") else None,
        candidates=candidates,
        not_offered=[why_not_offered(waiting, one, surroundings) for one in candidates if one.takes],
        foreseen=await foreseen_of(line.redis, connection.contact),
        behind=timedelta(milliseconds=max(0, waiting.rank - connection.since)),
    )


async def _surroundings(line: LiveLine, candidates: Sequence[Candidate], *, now: datetime) -> Surroundings:
    """Return what else the decision would go by just now."""
    some_write = any(one.takes and one.load for one in candidates)
    _, others = await both_sides(line, now=now) if some_write else ([], [])
    async with our_errors():
        standing = await line.redis.get(GENERATION)
        being_rung = await line.redis.zrange("kc:dialled", 0, -1)
        pipe = line.redis.pipeline(transaction=False)
        for contact in being_rung:
            pipe.hget(f"kc:contact:{contact}", "expected")
        had_in_mind = await pipe.execute()
    _made, _space, till = str(standing or "").partition(" ")
    return Surroundings(
        others=others,
        gathering=bool(till) and int(till) > milliseconds(now),
        being_rung={ContactId(one): agent or "" for one, agent in zip(being_rung, had_in_mind, strict=True)},
    )


def _history(past: Past, configuration: RoutingConfiguration) -> list[str]:
    moments = [*_steps(past.steps, configuration), *_offers(past.offers), *_returns(past.returns), *_end(*past.end)]
    return [
        *_tongue(past.steps),
        *_known(past.known),
        *(f"{_clock(at)} {words}." for at, words in sorted(moments, key=lambda one: one[0])),
    ]


def _tongue(steps: Iterable[StepRow]) -> Iterable[str]:
    for step in steps:
        if step.how == StepReason.NO_LANGUAGE:
            yield f"Ingen kompetens finns för språket {step.language}, så en handläggare som talar svenska svarar."


def _known(talk: EarlierTalk | None) -> list[str]:
    if talk is None:
        return []
    at = talk.at.astimezone(STOCKHOLM)
    return [f"Talade med {talk.agent} den {at:%Y-%m-%d} klockan {at:%H.%M}, och skulle därför helst få {talk.agent}."]


def _offers(offers: Iterable[OfferRow]) -> Iterable[Moment]:
    for offer in offers:
        chosen = _CHOSEN.get(offer.why, "").format(agent=offer.agent)
        why = f" ({chosen})" if chosen else ""
        yield offer.offered_at, f"erbjöds {offer.agent}{why}, som {_ENDINGS.get(offer.how, offer.how)}"


def _steps(steps: Iterable[StepRow], configuration: RoutingConfiguration) -> Iterable[Moment]:
    for step in steps:
        if step.how == StepReason.NO_LANGUAGE:
            continue
        yield step.taken_at, step_words(read_requirement(step.line), step.how, configuration)


def _returns(returns: Iterable[ReturnRow]) -> Iterable[Moment]:
    for back in returns:
        words = _RETURNS.get(back.reason, "bröts kontakten med {agent}").format(agent=back.agent)
        yield back.returned_at, f"{words}; platsen i kön behölls"


def _end(ended_at: datetime | None, how: str) -> Iterable[Moment]:
    if ended_at is not None and how in _LEAVES:
        yield ended_at, _LEAVES[how]


def _now(connection: Connection | None, now: datetime) -> list[str]:
    if connection is None or connection.state is ContactState.WAITING:
        return []
    how_long = since_words(now, connection.state_since)
    if connection.is_written and connection.state is ContactState.TALKING:
        return [f"Besvaras av {connection.agent}, {how_long}."]
    words = {
        ContactState.OFFERED: f"Visas just nu för {connection.agent}, som hade rätt kompetens och stod på tur.",
        ContactState.DIALLED: f"Rings upp innan någon handläggare har tagit samtalet, {how_long}. Platsen i kön är kvar.",
        ContactState.CALLING: f"{connection.agent} ringer upp, {how_long}.",
        ContactState.TALKING: f"Talar med {connection.agent}, {how_long}.",
        ContactState.WRAP_UP: f"Samtalet med {connection.agent} är slut och efterarbetas.",
    }
    return [words[connection.state]]


async def _place(line: LiveLine, connection: Connection) -> int:
    async with our_errors():
        before = await line.redis.zrank(f"kc:order:{connection.queue}", connection.contact)
    return 0 if before is None else int(before) + 1


def _clock(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%H.%M.%S}"
