"""The ways by which texts leave: each provider, its share, and how many a second it is asked to take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from core.errors import UnavailableError
from sms.ports import NotTakenError, Provider, Taken, ToSend
from sms.shares import drawn

NOBODY = "none"


@dataclass(frozen=True, kw_only=True)
class Route:
    """A provider; its share when all are well, as a weight; how many texts a second we ask it to take, each process."""

    provider: Provider
    weight: float = 1.0
    per_second: float = 50.0


class Routes:
    """All routes, and how many texts each may take just now: a second's worth at once, and then as they come anew."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = {route.provider.name: route for route in routes}
        self._left = {name: max(1.0, route.per_second) for name, route in self._routes.items()}
        self._filled_at: dict[str, float] = {}
        self._nobody = Nobody()

    def __len__(self) -> int:
        return len(self._routes)

    @property
    def meant(self) -> Mapping[str, float]:
        """Each provider's share when all are well, as a weight."""
        return {name: route.weight for name, route in self._routes.items()}

    @property
    def providers(self) -> Sequence[Provider]:
        """Every provider."""
        return [route.provider for route in self._routes.values()]

    def of(self, name: str) -> Provider:
        """Return a provider by its name; one that we have no longer takes nothing and tells nothing."""
        route = self._routes.get(name)
        return route.provider if route else self._nobody

    def choose(self, shares: Mapping[str, float], ticket: str, *, rather_not: str = "") -> Provider:
        """Return who is to be asked: each by its share, by an id as the ticket; another than the one named, if there is one."""
        others = {name: part for name, part in shares.items() if name != rather_not and part > 0} or dict(shares)
        number = int.from_bytes(sha256(ticket.encode()).digest()[:7]) / (1 << 56)
        return self.of(drawn(others, number))

    def may_ask(self, name: str, *, at: float) -> bool:
        """Tell whether a provider may be asked once more at a second of the loop's clock, and count it if so."""
        route = self._routes.get(name)
        if route is None:
            return True
        most = max(1.0, route.per_second)
        since = at - self._filled_at.get(name, at)
        self._left[name] = min(most, self._left[name] + since * route.per_second)
        self._filled_at[name] = at
        if self._left[name] < 1:
            return False
        self._left[name] -= 1
        return True


class Nobody:
    """Stands where no provider is: takes nothing, and is only asked for texts that were meant while there was one."""

    name = NOBODY

    async def send(self, one: ToSend) -> Taken:
        """Take nothing."""
        raise NotTakenError("no provider")

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        """Tell nothing."""
        raise UnavailableError("no provider")

    async def close(self) -> None:
        """Have nothing to let go of."""
