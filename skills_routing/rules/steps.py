"""What a contact asks for as time passes: an order of requirements, each easier to meet than the one before. Pure."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from skills_routing.model import Requirement, line_of, read_requirement


class StepReason(StrEnum):
    """Why a step was taken."""

    TIME = "time"
    FORECAST = "forecast"
    AGENT_UNKNOWN = "agent_unknown"
    AGENT_AWAY = "agent_away"
    AGENT_LACKS = "agent_lacks"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    RESCINDED = "rescinded"
    NO_LANGUAGE = "no_language"
    """Step 0: no skill is named for the language, so agents who speak Swedish are asked for."""


@dataclass(frozen=True)
class Ask:
    """What is asked for from an instant on (milliseconds; 0 for the first), or as soon as more than ``forecast`` is
    expected of the wait."""

    requirement: Requirement
    due_at: int = 0
    forecast: timedelta | None = None


Plan = tuple[Ask, ...]
"""A contact's asks in order. Which of them holds is the contact's *step*, counted from 0."""


def write_plan(plan: Plan, *, weight: int = 0) -> str:
    """Return a plan as the line and SQL keep it: JSON of lines, instants and seconds; empty when nothing widens.

    ``weight`` is what a written contact weighs, 0 for a call. Nothing is foreseen of who has written (ADR 0016), so only
    time brings their steps.
    """
    if len(plan) < 2:
        return ""
    return json.dumps([_row(ask, weight) for ask in plan], separators=(",", ":"), ensure_ascii=False)


def read_plan(text: str) -> Plan:
    """Read a plan back; empty for a contact whose requirement never widens."""
    return tuple(
        Ask(read_requirement(line), int(due_at), timedelta(seconds=seconds) if seconds else None)
        for line, due_at, seconds in (json.loads(text) if text else ())
    )


def next_ask(plan: Plan, step: int) -> Ask | None:
    """Return what is asked for after this step; ``None`` when nothing easier comes."""
    return plan[step + 1] if step + 1 < len(plan) else None


def due_after(plan: Plan, step: int) -> int | None:
    """Return when the next step is due at the latest, in milliseconds; ``None`` when there is none."""
    following = next_ask(plan, step)
    return following.due_at if following else None


def widens_at(plan: Plan, step: int, *, expected: timedelta) -> bool:
    """Tell whether a wait that is expected to be so long brings the next step forward."""
    following = next_ask(plan, step)
    return following is not None and following.forecast is not None and expected > following.forecast


def _row(ask: Ask, weight: int) -> tuple[str, int, int]:
    seconds = int(ask.forecast.total_seconds()) if ask.forecast and not weight else 0
    return line_of(ask.requirement, weight=weight), ask.due_at, seconds
