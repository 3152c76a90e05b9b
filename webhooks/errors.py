"""What can go wrong, in sentences."""

from core.errors import ConflictError, NotFoundError


class DeliveryNotFoundError(NotFoundError):
    """There is no such delivery."""


class DeliveryUnderWayError(ConflictError):
    """This delivery is being tried just now."""


class SwitchedOffError(ConflictError):
    """This system has said that it is gone, and is told nothing until it is switched on again."""
