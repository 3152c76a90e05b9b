"""What can be refused in routing, as named sentences."""

from core.errors import ConflictError, KundcenterError, NotFoundError


class StaleOfferError(ConflictError):
    """This offer is over."""


class NotYourContactError(ConflictError):
    """You do not have this contact now."""


class WrongStateError(ConflictError):
    """This cannot be done in the present state."""


class UnknownAgentError(NotFoundError):
    """There is no such agent."""


class UnknownSkillError(KundcenterError):
    """Den kompetensen eller nivån finns inte."""


class LastAgentError(ConflictError):
    """Ändringen lämnar väntande utan handläggare."""


class UnknownQueueError(NotFoundError):
    """There is no such queue."""


class UnknownContactError(NotFoundError):
    """Routing does not know this contact."""
