"""A made-up history of any size in which all is well: it shows that the checker keeps up with the long proof."""

import heapq
import random
from collections.abc import Iterator
from typing import Any

from tests.proof.scale import HEAD_STARTS, QUEUES

Line = dict[str, Any]
Skills = dict[str, dict[str, int]]
EVERYTHING = {"foralder": 5, "sjuk": 5, "allmant": 5, "svenska": 5, "engelska": 5}


def made_up(*, agents: int, contacts: int, seed: int = 1) -> tuple[list[Line], Skills]:
    """Return a history, and the skills of its agents: all can do everything, and whoever stands first is served first.

    Twice as many ring as can be served at once. With one talk in ten the agent's telephone fails; then the caller
    stands at the first place again.
    """
    chance = random.Random(seed)
    names = [f"a{number:03d}" for number in range(agents)]
    seen, books = [], []
    coming: list[tuple[float, float, str]] = []
    for number in range(contacts):
        since, queue = round(chance.uniform(1, contacts / agents * 8), 3), chance.choice(QUEUES)
        seen += _arrival(since, f"c{number:05d}", queue)
        heapq.heappush(coming, (round(since + 0.01, 3), since - HEAD_STARTS.get(queue, 0.0), f"c{number:05d}"))
    for token, (now, agent, contact, seconds, fails) in enumerate(_served(coming, names, chance), start=1):
        seen += _talk(now, agent, contact, token, seconds, fails=fails)
        offer = {"offer": f"o{token}", "contact": contact, "agent": agent, "token": token}
        books.append({"kind": "book_offer", **offer, "made": now, "ended": now + 0.45, "how": "accepted"})
    end = max(line["t"] for line in seen) + 10
    for at in range(0, agents, 25):
        seen += (_line(t, "alive", a=t, agents=names[at : at + 25], error="") for t in range(0, int(end), 3))
    for contact in sorted({line["contact"] for line in books}):
        books.append({"kind": "book_contact", "contact": contact, "outcome": "answered", "fault": "", "agent": "a"})
        books.append({"kind": "book_ended", "contact": contact})
    return sorted(seen, key=lambda line: line["t"]) + [{"t": end, **line} for line in books], dict.fromkeys(
        names, EVERYTHING
    )


def _served(
    coming: list[tuple[float, float, str]], names: list[str], chance: random.Random
) -> Iterator[tuple[float, str, str, float, bool]]:
    """Yield who is offered to whom and when, for how long they talk, and whether the telephone fails then."""
    waiting: list[tuple[float, str]] = []
    free = [(2.0, name) for name in names]
    now, failed = 0.0, set[str]()
    while coming or waiting:
        since, agent = heapq.heappop(free)
        now = round(max(now, since, 0.0 if waiting else coming[0][0]), 3)
        while coming and coming[0][0] <= now:
            _, rank, contact = heapq.heappop(coming)
            heapq.heappush(waiting, (rank, contact))
        rank, contact = heapq.heappop(waiting)
        seconds, fails = round(chance.uniform(4, 20), 3), contact not in failed and chance.random() < 0.1
        yield now, agent, contact, seconds, fails
        if fails:
            failed.add(contact)
            heapq.heappush(coming, (round(now + seconds + 0.1, 3), rank, contact))
        heapq.heappush(free, (now + seconds + 2, agent))


def _line(t: float, kind: str, **fields: Any) -> Line:
    return {"t": round(t, 3), "kind": kind, **fields}


def _arrival(since: float, contact: str, queue: str) -> list[Line]:
    return [
        _line(since, "arrived", contact=contact, leg="", since=since, queue=queue, language="sv"),
        _line(since, "entered", contact=contact, a=since, error=""),
        _line(since + 0.01, "in_line", contact=contact),
    ]


def _talk(now: float, agent: str, contact: str, token: int, seconds: float, *, fails: bool) -> list[Line]:
    who: Line = {"agent": agent, "contact": contact}
    this, leg, over = {"offer": f"o{token}", **who}, f"l{token}", now + seconds
    how_it_ends = [_line(over, "phone_lost", **who), _line(over + 0.1, "returned", contact=contact)]
    return [
        _line(now + 0.1, "rings", leg=leg, **this),
        _line(now + 0.3, "shown", a=now + 0.2, token=token, **this),
        _line(now + 0.5, "accept", a=now + 0.4, token=token, error="", **this),
        _line(now + 0.6, "bridged", leg=leg, **who),
        _line(over, "unbridged", contact=contact, leg=leg),
        *(
            how_it_ends
            if fails
            else [_line(over, "rang_off", contact=contact), _line(over, "hung_up", contact=contact)]
        ),
        _line(over + 1, "tried", a=over + 0.9, what="wrap_up", error="NotYourContactError", **this),
        _line(over + 1, "renewed", a=over + 0.9, agent=agent, error=""),
    ]
