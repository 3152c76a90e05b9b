"""Whom nobody else could serve: found before an agent leaves or loses a skill. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.ids import AgentId
from skills_routing.model import Skills, read_requirement


@dataclass(frozen=True)
class Alone:
    """In this queue so many wait whom only one agent can serve."""

    queue: str
    waiting: int


def alone_for(
    agent: AgentId,
    *,
    waiting: Sequence[tuple[str, str, int]],
    able: Mapping[AgentId, Skills],
    afterwards: Skills | None,
) -> tuple[Alone, ...]:
    """Return the queues whose callers nobody among ``able`` could serve any more without this agent.

    ``waiting`` is queue, line and how many; ``afterwards`` what the agent can do then, ``None`` for one who leaves.
    Whoever waits for one agent only waits for the others soon, and is counted as waiting for all.
    """
    counts: dict[str, int] = {}
    for queue, line, many in waiting:
        needed = read_requirement(line).for_anybody
        serving = {name for name, skills in able.items() if needed.met_by(skills)}
        stays = afterwards is not None and needed.met_by(afterwards)
        if serving == {agent} and not stays:
            counts[queue] = counts.get(queue, 0) + many
    return tuple(Alone(queue, many) for queue, many in sorted(counts.items()))


def whom_nobody_serves(waiting: Sequence[tuple[str, str, int]], able: Collection[Skills]) -> dict[str, int]:
    """Return how many wait in each queue whom none of these skills is enough for; ``waiting`` as in :func:`alone_for`."""
    counts: dict[str, int] = {}
    for queue, line, many in waiting:
        needed = read_requirement(line).for_anybody
        if not any(needed.met_by(skills) for skills in able):
            counts[queue] = counts.get(queue, 0) + many
    return counts


def in_words(alone: Sequence[Alone], labels: Mapping[str, str], *, pausing: bool = False) -> tuple[str, ...]:
    """Say in Swedish who would be left: one sentence for each queue."""
    others = (
        "ingen annan som svarar just nu kan hjälpa dem" if pausing else "ingen annan inloggad handläggare kan svara där"
    )
    return tuple(
        f"I kön {labels.get(one.queue, one.queue)} väntar {_persons(one.waiting)}, och {others}." for one in alone
    )


def _persons(many: int) -> str:
    return "1 person" if many == 1 else f"{many} personer"
