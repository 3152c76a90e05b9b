"""What can go wrong with the agency's case systems."""

from core.errors import KundcenterError, UnavailableError


class CasesUnavailableError(UnavailableError):
    """The agency's case systems do not answer just now."""


class WrongAnswerError(CasesUnavailableError):
    """The agency's case systems gave an answer that cannot be trusted."""


class UnsignedEventError(KundcenterError):
    """This needs the signature of the agency's case systems."""


class UnreadableEventError(KundcenterError):
    """This is no event that we know."""
