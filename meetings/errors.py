"""What can be wrong with a request to the meetings room."""

from collections.abc import Sequence

from core.errors import ChangedError, ConflictError, KundcenterError, NotFoundError
from meetings.model import Free


class MeetingNotFoundError(NotFoundError):
    """There is no such meeting."""


class UnknownMeetingTypeError(KundcenterError):
    """There is no such type of meeting."""


class UnknownOfficeError(NotFoundError):
    """There is no such office."""


class MeetingRefusedError(KundcenterError):
    """A meeting of this type cannot be had for that."""

    def __init__(self, reason: str, *, instead: str = "") -> None:
        """Take the word of the rule, and the type of meeting that is meant for it, if there is one."""
        super().__init__(f"{reason}; book {instead} instead" if instead else reason)
        self.reason, self.instead = reason, instead
        self.more = {"reason": reason, "instead": instead}


class TimeTakenError(ConflictError):
    """This time is no longer free, or is none that can be chosen."""

    def __init__(self, alternatives: Sequence[Free] = ()) -> None:
        """Take the next times that are free."""
        super().__init__()
        self.alternatives = tuple(alternatives)
        self.more = {
            "alternatives": [
                {
                    "starts_at": one.starts_at.isoformat(),
                    "ends_at": one.ends_at.isoformat(),
                    "office": one.office,
                    "mode": one.mode,
                }
                for one in self.alternatives
            ]
        }


class HoldLapsedError(ConflictError):
    """The time was held for five minutes, and is free for others again."""


class MeetingOverError(ConflictError):
    """This meeting is over: it was held, missed or cancelled, or never confirmed."""


class MeetingChangedError(ChangedError):
    """This meeting was changed by somebody else meanwhile; look at it again."""


class OtherContentError(KundcenterError):
    """Another request came with this Idempotency-Key before; use a new key for a new request."""


class TooEarlyError(ConflictError):
    """This meeting has not begun yet."""


class UnknownQuestionError(KundcenterError):
    """Meetings of this type have no such question."""


class LinkNotOursError(NotFoundError):
    """This link was not made by us."""


class InvitationNotFoundError(NotFoundError):
    """There is no such invitation."""


class InvitationOverError(ConflictError):
    """The time of this invitation is over; make a new one."""


class NextStepMissingError(KundcenterError):
    """A meeting is closed when it is written down what comes next, and who does it."""


class DocumentMissingError(KundcenterError):
    """A meeting is closed when its documentation is handed over, or when there is a reason why it is not."""


class NoDirectNumberError(ConflictError):
    """Nobody of ours with a direct number holds this meeting, so nobody is called to it; name a handler first."""


class NumberNotRoutedError(ConflictError):
    """The direct number of this handler is not put through to them, so nobody is told it; see kundcenter meetings numbers."""


class BriefNotFoundError(NotFoundError):
    """There is no brief that may be read."""


class NoBriefBeforeError(ConflictError):
    """Before such a meeting nobody outside the agency reads anything of the citizen."""


class NameNotKnownError(ConflictError):
    """We do not know the citizen's name, so nobody can tell whether it is in the brief."""


class BriefConsentMissingError(ConflictError):
    """The citizen has not said yes to the brief, or has taken it back."""


class BriefNotSignedError(ConflictError):
    """No person has read this brief and signed it, or it has left or been refused already."""


class StillIdentifiableError(KundcenterError):
    """Something in this brief may tell who it is about; take it out and sign again."""

    def __init__(self, found: Sequence[tuple[str, int, int]]) -> None:
        """Take the kinds and the places, never the words."""
        super().__init__()
        self.more = {"found": [{"kind": kind, "start": start, "end": end} for kind, start, end in found]}


class CalendarNotFoundError(NotFoundError):
    """There is no such calendar, or its address was not made by us."""


class TaskNotFoundError(NotFoundError):
    """There is no such task."""


class TaskOverError(ConflictError):
    """There is nothing to offer any more in this task."""


class PeriodRefusedError(KundcenterError):
    """A report is of one day at least and of one year at most: its first day, and the first that is no longer in it."""


class AnotherSeasonError(KundcenterError):
    """A report is compared with the same season of an earlier year only: the same days, from the same to the same."""


class QuestionNotFoundError(NotFoundError):
    """There is no such question about the guidance."""


class AnswerMissingError(KundcenterError):
    """An answer has words in it."""
