"""Says in Swedish words why a contact went where it went, or why it still waits."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clock import STOCKHOLM
from core.ids import AgentId, ContactId
from skills_routing.configuration import RoutingConfiguration
from skills_routing.connection import Connection
from skills_routing.errors import UnknownContactError
from skills_routing.line_facts import Kind, LineFact, read_fact
from skills_routing.live_line import LiveLine
from skills_routing.model import ContactState, Need, Requirement, Skills, instant
from skills_routing.store import OfferRow, Routed
from storage.redis import our_errors

_STATES = {
    "LOGGED_OFF": "utloggade",
    "NOT_READY": "inte redo",
    "READY": "lediga",
    "RESERVED": "får just nu ett erbjudande",
    "BUSY": "i samtal",
    "WRAP_UP": "i efterarbete",
}
_ENDINGS = {
    "accepted": "svarade",
    "rejected": "avböjde",
    "timed_out": "svarade inte i tid",
    "canceled": "hann inte svara innan den som ringde lade på",
    "rescinded": "kunde inte nås",
    "": "har ännu inte svarat",
}


@dataclass(frozen=True)
class Explanation:
    """Where a contact is, in one word, and why, in sentences. ``place`` counts from 1; 0 when it does not wait."""

    contact: ContactId
    state: str
    sentences: tuple[str, ...]
    place: int = 0


async def explain_contact(
    line: LiveLine,
    contact: ContactId,
    *,
    row: Routed | None,
    offers: Sequence[OfferRow],
    configuration: RoutingConfiguration,
    now: datetime,
) -> Explanation:
    """Explain a contact from the live line and the history; raises :class:`UnknownContactError`."""
    connection = await line.connection(contact)
    log = await _log(line, contact)
    if connection is None and row is None and not offers and not log:
        raise UnknownContactError(contact)
    place, waiting = 0, []
    if connection is not None and connection.state is ContactState.WAITING:
        place = await _place(line, connection)
        agents = await line.agents()
        waiting = why_waiting(connection, place=place, agents=agents, configuration=configuration, now=now)
    sentences = [*_history(offers), *_returns(log), *_now(connection, now), *waiting]
    state = str(connection.state) if connection else "over"
    return Explanation(contact, state, tuple(sentences) or ("Kontakten är avslutad.",), place)


def why_waiting(
    connection: Connection,
    *,
    place: int,
    agents: Mapping[AgentId, Mapping[str, str]],
    configuration: RoutingConfiguration,
    now: datetime,
) -> list[str]:
    """Return the sentences on a contact that waits: place, requirement, and who could help and does what instead."""
    requirement = read_requirement(connection.line)
    able = {name: found for name, found in agents.items() if requirement.met_by(read_skills(found.get("profile", "")))}
    wanted = requirement_words(requirement, configuration)
    queue = configuration.queues.get(connection.queue)
    label = next(iter(queue.label.values())) if queue else connection.queue
    sentences = [
        f"Väntar på plats {place} i kön {label}, {_minutes(now, connection.since)}.",
        f"Den som svarar behöver: {wanted}.",
    ]
    if not able:
        return [*sentences, "Ingen handläggare har den kompetensen."]
    counts = Counter(_doing(found) for found in able.values())
    doing = ", ".join(f"{count} {words}" for words, count in sorted(counts.items()))
    return [*sentences, f"{len(able)} handläggare har kompetensen: {doing}.", _why_not(counts)]


def requirement_words(requirement: Requirement, configuration: RoutingConfiguration) -> str:
    """Return a requirement as a reader says it: ``Sjuk ≥ 2 och svenska ≥ 1``."""
    parts = [f"{configuration.skill_label(need.skill)} ≥ {need.level}" for need in sorted(requirement.needs)]
    return " och ".join(parts) or "ingen särskild kompetens"


def read_requirement(line: str) -> Requirement:
    """Read the name of a line back."""
    return Requirement(frozenset(Need(skill, level) for skill, level in _pairs(line)))


def read_skills(profile: str) -> Skills:
    """Read the name of a profile back."""
    return Skills(tuple(_pairs(profile)))


def _pairs(text: str) -> Iterable[tuple[str, int]]:
    for part in text.split(","):
        skill, colon, level = part.partition(":")
        if colon:
            yield skill, int(level)


def _doing(found: Mapping[str, str]) -> str:
    state = found.get("state", "LOGGED_OFF")
    reason = found.get("reason", "")
    return _STATES.get(state, state) + (f" ({reason})" if reason and state == "NOT_READY" else "")


def _why_not(counts: Counter[str]) -> str:
    if counts.get(_STATES["READY"]):
        return "De lediga har nyss avböjt eller missat just det här samtalet och får det igen om en liten stund."
    return "Ingen av dem är ledig just nu; den som först blir ledig får den som har väntat längst."


def _history(offers: Sequence[OfferRow]) -> list[str]:
    return [
        f"{_clock(offer.offered_at)} erbjöds {offer.agent}, som {_ENDINGS.get(offer.how, offer.how)}."
        for offer in offers
    ]


def _returns(log: Sequence[LineFact]) -> list[str]:
    return [
        f"{_clock(instant(fact.at))} bröts kontakten med {fact.agent}; platsen i kön behölls."
        for fact in log
        if fact.fact is Kind.RETURNED
    ]


def _now(connection: Connection | None, now: datetime) -> list[str]:
    if connection is None or connection.state is ContactState.WAITING:
        return []
    how_long = _minutes(now, connection.state_since)
    words = {
        ContactState.OFFERED: f"Visas just nu för {connection.agent}, som hade rätt kompetens och stod på tur.",
        ContactState.CALLING: f"{connection.agent} ringer upp, {how_long}.",
        ContactState.TALKING: f"Talar med {connection.agent}, {how_long}.",
        ContactState.WRAP_UP: f"Samtalet med {connection.agent} är slut och efterarbetas.",
    }
    return [words[connection.state]]


async def _place(line: LiveLine, connection: Connection) -> int:
    async with our_errors():
        before = await line.redis.zrank(f"kc:line:{connection.line}", connection.contact)
    return 0 if before is None else int(before) + 1


async def _log(line: LiveLine, contact: ContactId) -> list[LineFact]:
    async with our_errors():
        rows = await line.redis.lrange(f"kc:why:{contact}", 0, -1)
    return [read_fact(json.loads(row)) for row in rows]


def _clock(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%H.%M.%S}"


def _minutes(now: datetime, since_ms: int) -> str:
    seconds = max(0, int((now - instant(since_ms)).total_seconds()))
    if seconds < 60:
        return f"sedan {seconds} sekunder"
    minutes = seconds // 60
    return f"sedan {minutes} minut" + ("er" if minutes != 1 else "")
