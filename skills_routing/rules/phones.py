"""Which agents' telephones count as gone, from counts of those that the switch can ring. Pure.

A telephone that is missed for a moment (a qualify that was late, a browser that changes networks) is not gone; one that
comes and goes is trusted again only when it has stayed. Whoever has not counted for a while begins anew and believes the
first count: after a restart of the switch all are gone at once, and each is back as soon as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.ids import AgentId

SETTLE = timedelta(seconds=3)
"""How long a telephone may be missed."""

STEADY = timedelta(seconds=10)
"""How long one that comes and goes must stay before it counts as back."""

_LOSSES, _LATELY = 5, timedelta(minutes=1)
"""Fewer are no fault of the network: whoever loads the page anew, or logs on at another desk, is lost for a moment, too."""
_ANEW = timedelta(seconds=5)

Moments = Mapping[AgentId, datetime]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the counts up to now have come to. ``gone`` are the agents whom the switch cannot ring.

    ``missed`` and ``back`` tell since when, for those of whom it is not settled yet; ``losses`` when each was lost lately.
    ``returned`` were missed before this count, but never counted as gone.
    """

    at: datetime
    gone: frozenset[AgentId]
    missed: Moments = field(default_factory=dict)
    back: Moments = field(default_factory=dict)
    losses: Mapping[AgentId, tuple[datetime, ...]] = field(default_factory=dict)
    returned: frozenset[AgentId] = frozenset()


def count(before: Seen | None, *, here: Collection[AgentId], everybody: Collection[AgentId], now: datetime) -> Seen:
    """Return what is known after one more count, in which these telephones were ``here``."""
    away = {agent for agent in everybody if agent not in here}
    if before is None or now - before.at > _ANEW:
        return Seen(at=now, gone=frozenset(away))
    missed = {agent: before.missed.get(agent, now) for agent in away - before.gone}
    lost = {agent for agent, since in missed.items() if now - since >= SETTLE}
    lately = {agent: tuple(at for at in moments if now - at < _LATELY) for agent, moments in before.losses.items()}
    losses = {agent: moments for agent, moments in lately.items() if moments}
    losses |= {agent: (*losses.get(agent, ()), now) for agent in lost}
    back = {agent: before.back.get(agent, now) for agent in before.gone - away if agent in everybody}
    unsteady = {
        agent for agent, since in back.items() if len(losses.get(agent, ())) >= _LOSSES and now - since < STEADY
    }
    return Seen(
        at=now,
        gone=frozenset((before.gone & away) | lost | unsteady),
        missed={agent: since for agent, since in missed.items() if agent not in lost},
        back={agent: since for agent, since in back.items() if agent in unsteady},
        losses=losses,
        returned=frozenset(before.missed) - away,
    )
