"""What can go wrong with the agency's case systems."""

from core.errors import UnavailableError


class CasesUnavailableError(UnavailableError):
    """The agency's case systems do not answer just now."""


class WrongAnswerError(CasesUnavailableError):
    """The agency's case systems gave an answer that cannot be trusted."""
