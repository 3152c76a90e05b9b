"""What queueing theory says of a plain line (Erlang C) and of one where people hang up (Erlang A)."""

from dataclasses import dataclass


def chance_of_waiting(*, agents: int, erlangs: float) -> float:
    """Return the share of calls that wait when nobody hangs up (Erlang's C formula); 1 when the load is too much."""
    if erlangs >= agents:
        return 1.0
    blocked = 1.0
    for count in range(1, agents + 1):  # Erlang's B formula, by its recursion
        blocked = erlangs * blocked / (count + erlangs * blocked)
    return blocked / (1 - erlangs / agents * (1 - blocked))


def mean_wait(*, agents: int, erlangs: float, handling: float) -> float:
    """Return the mean wait over all calls in the unit of ``handling``, when nobody hangs up; infinite when too much."""
    if erlangs >= agents:
        return float("inf")
    return chance_of_waiting(agents=agents, erlangs=erlangs) * handling / (agents - erlangs)


@dataclass(frozen=True)
class Impatient:
    """A line where people hang up: shares of all calls, and the mean time in line of all calls."""

    waiting: float
    abandoned: float
    mean_wait: float


def erlang_a(*, agents: int, erlangs: float, handling: float, patience: float) -> Impatient:
    """Return Erlang's A formula, from the chances of each number of calls in the system (birth and death)."""
    arrivals = erlangs / handling
    weights, total, number = [1.0], 1.0, 0
    while number <= agents or weights[-1] > 1e-15 * total:
        number += 1
        leaving = min(number, agents) / handling + max(0, number - agents) / patience
        weights.append(weights[-1] * arrivals / leaving)
        total += weights[-1]
        if total > 1e200:  # only proportions count
            weights = [weight / 1e200 for weight in weights]
            total /= 1e200
    queue = sum((count - agents) * weight for count, weight in enumerate(weights) if count > agents) / total
    waiting = sum(weights[agents:]) / total
    return Impatient(waiting, queue / patience / arrivals, queue / arrivals)
