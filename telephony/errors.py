"""What can go wrong with a line."""

from core.errors import ConflictError, UnavailableError


class LegGoneError(ConflictError):
    """The leg has already ended."""


class LegNotAnsweredError(ConflictError):
    """The leg that we placed still rings, so nothing can be heard on it yet."""


class SwitchUnavailableError(UnavailableError):
    """The telephone switch does not answer just now."""


class SwitchTakenOverError(ConflictError):
    """Another controller drives this switch now, so this one steps down."""
