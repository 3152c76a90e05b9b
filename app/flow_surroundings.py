"""What the flows have to fit: queues that an agent can serve, in each language and some open hour, benefits, recordings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from app.configuration import Configuration
from app.system import SystemClock
from core.errors import ConfigurationError
from core.language import Language
from ivr.flow import Want
from ivr.lint import Severity, Surroundings, lint
from ivr.opening_hours import next_opening
from skills_routing.model import Need, Skills
from skills_routing.rules.queues import Queue


def surroundings(configuration: Configuration, folder: Path) -> Surroundings:
    """Return what stands around the flows; ``folder`` is where the recordings are."""
    now = SystemClock().now()
    opens = any(next_opening(point.hours, after=now) is not None for point in configuration.entry_points)
    agents = [agent for agent in configuration.agents if agent.enabled]
    recordings = {
        (language, path.stem) for language in Language for path in (folder / "prompts" / language.value).glob("*.wav")
    }
    skills = [agent.skills for agent in agents]

    def unserved(queue: str, wants: Collection[Want]) -> Mapping[Language, str]:
        besides = frozenset(Need(one.skill, one.level) for one in wants if not one.preferred)
        found = configuration.routing.queue(queue)
        return {one: words for one in Language if (words := _lacking(found, one, skills, now, besides=besides))}

    return Surroundings(
        unserved={queue: unserved(queue, ()) for queue in configuration.routing.queues},
        unserved_with=unserved,
        entry_points={point.id: point.wants for point in configuration.entry_points},
        opens=opens,
        benefits=[one.benefit for one in configuration.catalogue.benefits if one.is_valid(on=now.date())],
        recordings=recordings,
    )


def refuse_traps(configuration: Configuration, folder: Path) -> None:
    """Raise :class:`ConfigurationError` when a caller could be caught or lost in these flows: every error of the lint."""
    found = lint(configuration.flows, surroundings(configuration, folder))
    errors = [": ".join(part for part in (one.file, one.node, one.field, one.text) if part) for one in found
              if one.severity is Severity.ERROR]  # fmt: skip
    if errors:
        raise ConfigurationError(faults=errors)


def _lacking(
    queue: Queue, language: Language, skills: Sequence[Skills], now: datetime, *, besides: frozenset[Need]
) -> str:
    """What no agent has of that which the queue asks for in the end, after all its steps; empty when one can serve it."""
    asked = [ask.requirement for ask in queue.plan(language, entered_at=now, besides=besides)]
    if any(requirement.met_by(one) for requirement in asked for one in skills):
        return ""
    least = sorted(asked[-1].needs)
    nowhere = [need for need in least if not any(one.level(need.skill) >= need.level for one in skills)]
    needs = ", ".join(f"{need.skill} (level {need.level})" for need in nowhere or least)
    return f"nobody has {needs}" if nowhere else f"nobody has all of {needs}"
