"""What can be wrong with a request to the sms room."""

from core.errors import NotFoundError


class TextNotFoundError(NotFoundError):
    """There is no such text."""
