"""What the room needs of the world: somebody who posts."""

from collections.abc import Mapping
from typing import Protocol

from webhooks.model import Answer


class Post(Protocol):
    """Posts one body to one address."""

    async def __call__(self, url: str, *, headers: Mapping[str, str], body: str) -> Answer:
        """Return what came of it within five seconds; an error of the network is an answer without status."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
