"""What can be wrong with a request to the callbacks room."""

from core.errors import ConflictError, NotFoundError


class CallbackNotFoundError(NotFoundError):
    """There is no such promise to ring back."""


class CallbackTakenError(ConflictError):
    """Somebody else has taken this promise, or it is over."""


class CallbackTooEarlyError(ConflictError):
    """The citizen was tried a short while ago; wait before the next attempt."""
