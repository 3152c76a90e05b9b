"""What can go wrong with a line."""

from core.errors import ConflictError, UnavailableError


class LegGoneError(ConflictError):
    """The leg has already ended."""


class SwitchUnavailableError(UnavailableError):
    """The telephone switch does not answer just now."""
