"""What can be refused in this room, in words for a supervisor."""

from core.errors import ConflictError, KundcenterError, NotFoundError


class BeingRungError(ConflictError):
    """Personen blir uppringd just nu."""


class NoticeRefusedError(KundcenterError):
    """Meddelandet kan inte sägas så."""


class NoticePlaceUnknownError(NotFoundError):
    """Den ingången eller kön finns inte."""
