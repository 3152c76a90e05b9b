"""What can be wrong with a request to the callbacks room."""

from core.errors import ConflictError, KundcenterError, NotFoundError


class CallbackNotFoundError(NotFoundError):
    """There is no such promise to ring back."""


class CallbackTakenError(ConflictError):
    """Somebody else has taken this promise, or it is over."""


class CallbackOverError(ConflictError):
    """This promise is over: it was kept, given up, or is no longer wanted."""


class CallbackBusyError(ConflictError):
    """The citizen is being rung just now, so this promise cannot be moved."""


class CallbackTooEarlyError(ConflictError):
    """The citizen was tried a short while ago, or is to be rung later; wait before the next attempt."""


class AlreadyTriedError(ConflictError):
    """This attempt was made already and is over; it is never dialled again."""


class NotNowError(ConflictError):
    """The citizen is not to be rung just now: it is outside the hours for that, or they are in a call with us."""


class NumberNotAllowedError(ConflictError):
    """We do not ring this number."""


class SlotTakenError(ConflictError):
    """This time is no longer free, or is none that can be chosen."""


class TooManyPromisesError(ConflictError):
    """There have been more promises to this number, person or range than we make."""


class OtherContentError(KundcenterError):
    """Another request came with this Idempotency-Key before; use a new key for a new request."""


class UnknownQueueError(KundcenterError):
    """There is no such queue."""


class LinkNotOursError(NotFoundError):
    """This link leads to no promise."""
