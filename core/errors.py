"""What every error of ours has in common: it is a named sentence, without HTTP in it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType


class KundcenterError(Exception):
    """Something went wrong that we have a name for.

    The docstring of a subclass is its message; ``detail`` adds the particulars for the reader. Neither may
    hold a personnummer, a code, digits that a caller pressed, or a whole phone number. ``more`` is what a program is
    told besides: plain values by name.
    """

    more: Mapping[str, object] = MappingProxyType({})

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        sentence = (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]
        super().__init__(f"{sentence} {detail}".strip())

    @property
    def in_words(self) -> str:
        """What a person is told: the sentence, and the particulars unless they are a mere technical word."""
        return str(self) if " " in self.detail else str(self).removesuffix(self.detail).strip()


class ConfigurationError(KundcenterError):
    """The configuration cannot be used."""

    def __init__(self, detail: str = "", *, faults: Sequence[str] = ()) -> None:
        """Take one fault as ``detail``, or several, each a sentence that names file, place and fault."""
        super().__init__(detail or "; ".join(faults))
        self.faults = tuple(faults) or (detail,)


class NotFoundError(KundcenterError):
    """There is no such thing."""


class ConflictError(KundcenterError):
    """This is no longer possible, because something else happened first."""


class ChangedError(ConflictError):
    """Somebody else has changed this since it was looked at."""


class UnavailableError(KundcenterError):
    """Something that we depend on does not answer just now."""
