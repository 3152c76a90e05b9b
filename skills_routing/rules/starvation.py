"""By how much anybody in the line can be passed: a head start is a bound, so nobody is overtaken for ever. Pure.

Whoever waits in a queue stands at arrival less the queue's own head start at the least. Only somebody whose head start
is longer can pass, and only within the difference. It counts between those whom the same agents serve.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from core.language import Language
from skills_routing.rules.queues import HeadStart, Queue

_WORDS = {
    None: "när som helst",
    HeadStart.CALLBACK: "för en återuppringning",
    HeadStart.RETURNED: "efter ett brutet samtal",
}


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Whoever waits in ``waiting`` can be passed by one in ``passing`` who arrives at most ``seconds`` later."""

    waiting: str
    passing: str
    seconds: int
    reason: HeadStart | None = None


def bounds(queues: Iterable[Queue]) -> tuple[Bound, ...]:
    """Return the bound of every pair of queues in which somebody can be passed, for each reason; the rest is 0."""
    every = tuple(queues)
    return tuple(
        Bound(waiting=waits.id, passing=passes.id, seconds=ahead // timedelta(seconds=1), reason=reason)
        for waits in every
        for passes in every
        for reason in (None, *HeadStart)
        if reason is None or reason in passes.head_starts
        if (ahead := passes.head_start_for(reason) - waits.head_start) > timedelta()
    )


def bounds_in_words(queues: Iterable[Queue], *, behind: timedelta = timedelta()) -> tuple[str, ...]:
    """Say the bounds in Swedish, one sentence for each pair and reason. ``behind``: so far behind calls what was written
    stands at the most, however it came (``written`` in ``queues.yaml``)."""
    known = tuple(queues)
    every = {queue.id: queue.label[Language.SWEDISH] for queue in known}
    found = bounds(known)
    said = [
        f"Den som väntar i {every[one.waiting]} kan passeras av den i {every[one.passing]} "
        f"som kommer högst {one.seconds} s senare ({_WORDS[one.reason]})."
        for one in found
    ]
    rest = "I alla andra par passeras ingen av den som kommer senare." if said else ""
    none = "Ingen som ringer passeras av den som kommer senare: alla köer har samma försprång." if not said else ""
    longest = max(
        (queue.head_start_for(reason) for queue in known for reason in (None, *HeadStart)), default=timedelta()
    )
    seconds = (behind + longest) // timedelta(seconds=1)
    texts = f"Den som har skrivit kan passeras av den som ringer högst {seconds} s senare." if behind else ""
    return tuple(one for one in (*said, rest, none, texts) if one)
