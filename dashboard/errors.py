"""What can be refused at the agent's window."""

from core.errors import ConflictError, KundcenterError, UnavailableError


class NotLoggedInError(KundcenterError):
    """You need to log in."""


class LoginRefusedError(KundcenterError):
    """The user name or the password is not right."""


class TooManyLoginsError(KundcenterError):
    """There have been too many attempts to log in; wait a while."""


class NotAllowedError(KundcenterError):
    """You may not see or do this."""


class NotYoursToRingError(ConflictError):
    """This promise stands in the line and comes, in its turn, to whoever is free for it; you ring out of turn what you promised."""


class ForeignRequestError(KundcenterError):
    """The request does not come from our own page."""


class NoPhoneFreeError(ConflictError):
    """Every demonstration telephone is in use."""


class LoginServiceError(UnavailableError):
    """The service that people log in with does not answer as it should."""


class UnknownChoiceError(KundcenterError):
    """This is not one of the choices."""


class TextRefusedError(KundcenterError):
    """No text can be written to this number."""


class NotAnsweredError(ConflictError):
    """Nobody has written an answer in this matter yet: write one, choose another way to end it, or hand it to somebody else."""


class PersonUnavailableError(UnavailableError):
    """The case systems do not answer, so nobody can tell whether this person's place must be kept secret; try again soon."""


class NeedsClearanceError(KundcenterError):
    """This person has a protected identity; somebody who is cleared for that books the meeting."""
