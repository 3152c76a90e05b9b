"""How long those waited whom each site answered (R8): one line for all sites, so the waits should be much the same.

A wait is from when somebody first asked until they talk: a promise to ring back that was made at night took the night.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true

from skills_routing.forecast.wait_store import HowItEnded, waits
from skills_routing.store import agents
from storage.database import Transaction

FEWEST_AGENTS = 5
"""Figures of a site with fewer agents would be figures of a person (N1): such sites are counted together."""


@dataclass(frozen=True, kw_only=True)
class SiteWaits:
    """Waits that agents of a site ended, in seconds. ``site`` is empty for all that have too few agents to be shown."""

    site: str
    served: int
    mean: float
    p90: float


async def read_site_waits(tx: Transaction, *, start: datetime, end: datetime) -> tuple[SiteWaits, ...]:
    """Return the figures of waits that ended in ``[start, end)``, by the name of the site, the small ones last."""
    counted = Counter(row.site for row in await tx.execute(select(agents.c.site).where(agents.c.enabled)))
    large = sorted(site for site, many in counted.items() if site and many >= FEWEST_AGENTS)
    found = [await _of(tx, site, waits.c.site == site, start=start, end=end) for site in large]
    found.append(await _of(tx, "", _elsewhere(large), start=start, end=end))
    return tuple(one for one in found if one.served)


async def _of(tx: Transaction, site: str, condition: Any, *, start: datetime, end: datetime) -> SiteWaits:
    column = waits.c
    served = (condition, column.how == HowItEnded.SERVED, column.ended_at >= start, column.ended_at < end)
    waited = func.coalesce(column.asked_seconds, column.waited_seconds)  # rows of before have only the second
    of_all = select(func.count().label("many"), func.avg(waited).label("mean")).where(*served)
    found = (await tx.execute(of_all)).one()
    many = int(found.many)
    ninth = select(waited).where(*served).order_by(waited).offset(max(0, many * 9 // 10))
    p90 = (await tx.execute(ninth.limit(1))).scalar_one_or_none()
    return SiteWaits(site=site, served=many, mean=float(found.mean or 0), p90=float(p90 or 0))


def _elsewhere(large: Collection[str]) -> Any:
    return waits.c.site.not_in(large) if large else true()
