"""What the flows have to fit: queues that an agent can serve in some open hour, benefits, recordings."""

from pathlib import Path

from app.configuration import Configuration
from app.system import SystemClock
from core.errors import ConfigurationError
from core.language import Language
from ivr.lint import Severity, Surroundings, lint
from ivr.opening_hours import next_opening


def surroundings(configuration: Configuration, folder: Path) -> Surroundings:
    """Return what stands around the flows; ``folder`` is where the recordings are."""
    now = SystemClock().now()
    opens = any(next_opening(point.hours, after=now) is not None for point in configuration.entry_points)
    agents = [agent for agent in configuration.agents if agent.enabled]
    recordings = {
        (language, path.stem) for language in Language for path in (folder / "prompts" / language.value).glob("*.wav")
    }
    return Surroundings(
        servable={
            queue.id: opens and any(queue.requirement(Language.SWEDISH).met_by(agent.skills) for agent in agents)
            for queue in configuration.routing.queues.values()
        },
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
