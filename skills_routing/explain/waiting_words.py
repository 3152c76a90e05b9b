"""The Swedish sentences on a contact that waits: its place, who could serve it, why nobody does, and what comes. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import STOCKHOLM
from core.ids import AgentId
from core.language import Language
from skills_routing.configuration import RoutingConfiguration
from skills_routing.forecast.foreseen import Foreseen
from skills_routing.line.connection import Connection
from skills_routing.model import Need, Requirement, instant
from skills_routing.rules.queues import SkillKind
from skills_routing.rules.reasons import Candidate, Doing, Hindrance, NotOffered
from skills_routing.rules.steps import StepReason, next_ask, read_plan

_DOING: dict[Doing, tuple[str, str]] = {
    Doing.IDLE: ("ledig", "lediga"),
    Doing.OFFERED: ("får just nu ett annat erbjudande", "får just nu andra erbjudanden"),
    Doing.TALKING: ("i samtal", "i samtal"),
    Doing.WRITING: ("svarar skriftligt", "svarar skriftligt"),
    Doing.WRAPPING_UP: ("i efterarbete", "i efterarbete"),
    Doing.PAUSED: ("i paus", "i paus"),
    Doing.BROWSER_GONE: ("har tappat kontakten med webbläsaren", "har tappat kontakten med webbläsaren"),
    Doing.NO_PHONE: ("utan ansluten telefon", "utan ansluten telefon"),
    Doing.LOGGED_OFF: ("utloggad", "utloggade"),
}
"""One, and several."""

_STEPS: dict[StepReason, str] = {
    StepReason.TIME: "efter så lång tid i kön",
    StepReason.FORECAST: "eftersom väntan väntades bli lång",
    StepReason.AGENT_UNKNOWN: "eftersom den önskade handläggaren inte finns",
    StepReason.AGENT_AWAY: "eftersom den önskade handläggaren inte är inloggad",
    StepReason.AGENT_LACKS: "eftersom den önskade handläggaren inte har den kompetens som krävs",
    StepReason.REJECTED: "eftersom den önskade handläggaren avböjde",
    StepReason.TIMED_OUT: "eftersom den önskade handläggaren inte svarade",
    StepReason.RESCINDED: "eftersom den önskade handläggaren inte kunde nås",
}

_MOST_NAMES = 3


@dataclass(frozen=True, kw_only=True)
class WaitingPicture:
    """All that is told of a contact that waits. ``due_at`` is when the next step comes at the latest."""

    connection: Connection
    place: int
    due_at: datetime | None
    candidates: Sequence[Candidate]
    not_offered: Sequence[NotOffered]
    foreseen: Foreseen | None = None
    behind: timedelta = timedelta()
    """How much later than it came a contact stands: what is written stands behind calls."""


def waiting_words(picture: WaitingPicture, configuration: RoutingConfiguration, now: datetime) -> list[str]:
    """Return the sentences on a contact that waits, most important first."""
    requirement = picture.connection.requirement
    return [
        _place(picture, configuration, now),
        *_foreseen(picture),
        *_preferred(requirement.agent, picture.candidates),
        _able(requirement.for_anybody, picture, configuration),
        *_idle(picture, requirement, configuration),
        _widens(picture, configuration, now),
    ]


def requirement_words(requirement: Requirement, configuration: RoutingConfiguration) -> str:
    """Return a requirement as a reader says it: ``Sjuk ≥ 3 och arabiska``; a language at level 1 without the level."""

    def is_language(need: Need) -> bool:
        row = configuration.skills.get(need.skill)
        return row is not None and row.kind is SkillKind.LANGUAGE

    needs = sorted(requirement.for_anybody.needs, key=lambda need: (is_language(need), need))
    parts = [
        configuration.skill_label(need.skill) + ("" if need.level == 1 and is_language(need) else f" ≥ {need.level}")
        for need in needs
    ]
    return _listed(parts) or "ingen särskild kompetens"


def step_words(line: Requirement, how: str, configuration: RoutingConfiguration) -> str:
    """Return what a step that was taken did, and why: ``breddades kravet till … , efter så lång tid i kön``."""
    why = _STEPS[StepReason(how)] if how in set(StepReason) else how
    return f"breddades kravet till {requirement_words(line, configuration)}, {why}"


def since_words(now: datetime, since_ms: int) -> str:
    """Return how long ago something was: ``sedan 20 sekunder``, ``sedan 3 minuter``."""
    seconds = max(0, int((now - instant(since_ms)).total_seconds()))
    if seconds < 60:
        return f"sedan {seconds} sekunder"
    return f"sedan {_minutes(seconds // 60)}"


def _place(picture: WaitingPicture, configuration: RoutingConfiguration, now: datetime) -> str:
    connection = picture.connection
    queues = {queue.id: queue.label[Language.SWEDISH] for queue in configuration.every_queue()}
    label = queues.get(connection.queue, connection.queue)
    since = since_words(now, connection.since)
    if not connection.is_written:
        return f"Väntar på plats {picture.place} i kön {label}, {since}."
    words = f"Har skrivit, och väntar på plats {picture.place} i kön {label}, {since}."
    if picture.behind < timedelta(minutes=1):
        return words
    return f"{words} Den som ringer inom {_length(picture.behind)} efter det går före."


def _foreseen(picture: WaitingPicture) -> list[str]:
    """What the caller is told of the wait. Nothing is foreseen of a written contact."""
    if picture.connection.is_written:
        return []
    found = picture.foreseen
    if found is None or not found.sure:
        return ["Hur lång väntan blir är för osäkert för att sägas."]
    low, high = found.low_minutes, found.high_minutes
    span = _minutes(high) if low == high else f"{low} till {_minutes(high)}" if low else f"högst {_minutes(high)}"
    return [f"Väntan beräknas ta {span} till, räknat {found.at.astimezone(STOCKHOLM):%H.%M.%S}."]


def _preferred(agent: AgentId | None, candidates: Sequence[Candidate]) -> list[str]:
    if agent is None:
        return []
    doing = next((one for one in candidates if one.agent == agent), None)
    words = "inte finns" if doing is None else f"är {_DOING[doing.doing][0]}" if _is(doing.doing) else _doing(doing)
    return [f"Väntar i första hand på {agent}, som {words}."]


def _able(requirement: Requirement, picture: WaitingPicture, configuration: RoutingConfiguration) -> str:
    wanted = requirement_words(requirement, configuration)
    able = [one for one in picture.candidates if requirement.met_by(one.skills)]
    if not able:
        return f"Ingen handläggare har {wanted}."
    counts = Counter((one.doing, one.reason) for one in able)
    start = f"{len(able)} handläggare har {wanted}"
    if len(counts) == 1:
        (doing, reason), count = next(iter(counts.items()))
        return f"{start}, {'alla ' if count > 1 else ''}{_state(doing, reason, count)}."
    parts = [f"{count} {_state(doing, reason, count)}" for (doing, reason), count in sorted(counts.items())]
    return f"{start}: {', '.join(parts)}."


def _idle(picture: WaitingPicture, requirement: Requirement, configuration: RoutingConfiguration) -> list[str]:
    levels = {need.skill: need.level for need in requirement.needs}
    busy = {one.agent for one in picture.candidates if one.load}
    groups: dict[tuple[Hindrance, str], list[AgentId]] = {}
    for one in picture.not_offered:
        groups.setdefault((one.why, one.skill), []).append(one.agent)
    return [
        f"{_who(agents, idle=busy.isdisjoint(agents))} {_hindrance(why, configuration.skill_label(skill), levels.get(skill, 0))}."
        for (why, skill), agents in sorted(groups.items())
    ]


def _hindrance(why: Hindrance, skill: str, level: int) -> str:
    return {
        Hindrance.ANOTHER_AGENT: "får inte erbjudandet än, för kontakten väntar på en annan handläggare",
        Hindrance.LACKS: f"saknar {skill}",
        Hindrance.LEVEL: f"har lägre nivå än {level} i {skill}",
        Hindrance.DECLINED: "har nyss avböjt eller missat samtalet och kan få det igen om en liten stund",
        Hindrance.NO_PHONE: "kan inte ringas upp, för telefonen är inte ansluten; samtal kommer igen så snart den är det",
        Hindrance.FULL: "är upptagen med skriftliga ärenden",
        Hindrance.KEPT_FREE: "hålls fri för någon som har väntat längre",
        Hindrance.GATHERING: "får erbjudandet om ett ögonblick: många kommer tillbaka, och alla som väntar fördelas på en gång",
        Hindrance.EXPECTS: "väntar på någon annan som rings upp just nu",
        Hindrance.NEXT: "får erbjudandet strax",
    }[why]


def _widens(picture: WaitingPicture, configuration: RoutingConfiguration, now: datetime) -> str:
    following = next_ask(read_plan(picture.connection.steps), picture.connection.step)
    if following is None or picture.due_at is None:
        return "Kravet breddas inte mer: den första som blir ledig och kan hjälpa får den som har väntat längst."
    words = f"Breddas {_when(picture.due_at - now)} till {requirement_words(following.requirement, configuration)}"
    if following.forecast is None:
        return f"{words}."
    return f"{words}, eller när väntan väntas bli längre än {_minutes(int(following.forecast.total_seconds()) // 60)}."


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return _minutes(minutes) if minutes < 120 else f"{minutes // 60} timmar"


def _when(left: timedelta) -> str:
    seconds = max(0, round(left.total_seconds()))
    if seconds >= 7200:
        return f"om {seconds // 3600} timmar"
    return f"om {seconds} s" if seconds < 120 else f"om {_minutes(seconds // 60)}"


def _who(agents: Sequence[AgentId], *, idle: bool) -> str:
    if len(agents) > _MOST_NAMES:
        return f"{len(agents)} {'lediga' if idle else 'handläggare'}"
    return _listed(sorted(agents)) + ((", ledig," if len(agents) == 1 else ", lediga,") if idle else "")


def _is(doing: Doing) -> bool:
    return not _DOING[doing][0].startswith(("får", "har", "svarar"))


def _doing(one: Candidate) -> str:
    return _DOING[one.doing][0]


def _state(doing: Doing, reason: str, count: int) -> str:
    return _DOING[doing][count > 1] + (f" ({reason})" if reason else "")


def _minutes(count: int) -> str:
    return f"{count} minut" + ("er" if count != 1 else "")


def _listed(parts: Iterable[str]) -> str:
    """``a``, ``a och b``, ``a, b och c``."""
    *first, last = [*parts] or [""]
    return f"{', '.join(first)} och {last}" if first else last
