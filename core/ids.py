"""The names of things. Ids are opaque strings with a readable prefix; nothing personal is ever part of one."""

from typing import NewType, Protocol

ContactId = NewType("ContactId", str)
"""One conversation on any channel, ``con_…``."""

LegId = NewType("LegId", str)
"""One party's connection in a call, ``leg_…`` when we place it; the switch's own id when it arrives."""

AgentId = NewType("AgentId", str)
"""A person who handles contacts: the log-in name, such as ``asa``."""

OfferId = NewType("OfferId", str)
"""One showing of one contact to one agent, ``off_…``."""

PersonId = NewType("PersonId", str)
"""A citizen under a pseudonym, ``per_…``: a keyed hash of the personnummer, never the number itself."""

Subject = NewType("Subject", str)
"""The agency's own key to a citizen in its case systems; opaque to us."""

CallbackId = NewType("CallbackId", str)
"""One promise to ring back, ``cbk_…``."""


class NewId(Protocol):
    """Makes ids. Only ``app/system.py`` knows the real one; models and services are handed it."""

    def __call__(self, prefix: str) -> str:
        """Return a new unique id that begins with ``prefix`` and an underscore."""
        ...
