"""What can be wrong with a request to the sms room."""

from core.errors import ConflictError, KundcenterError, NotFoundError


class TextNotFoundError(NotFoundError):
    """There is no such text."""


class UnknownTextError(KundcenterError):
    """There is no text of this name that can be sent by itself; the names are in config/sms.yaml."""


class NotANumberError(KundcenterError):
    """That is no telephone number."""


class OtherContentError(KundcenterError):
    """Another request came with this Idempotency-Key before; use a new key for a new request."""


class TextRefusedError(ConflictError):
    """There will be no text, for the reason that is named."""


class TextNotAllowedError(KundcenterError):
    """This may not be sent as a text."""
