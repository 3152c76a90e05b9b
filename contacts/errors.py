"""What can be wrong with a request to the contacts room."""

from core.errors import ConflictError, NotFoundError


class ContactNotFoundError(NotFoundError):
    """There is no such contact."""


class WrapUpNotPossibleError(ConflictError):
    """Another agent has this contact, so its reason and note are theirs to write."""
