"""What the browser is shown of booked meetings. No figure is of a person (N1)."""

from datetime import date, datetime

from dashboard.views import ChoiceView, PersonView, View


class MeetingView(View):
    """One meeting. ``place`` is empty by phone and video; ``is_to_close`` when it has begun and nothing is written down."""

    meeting: str
    type: str
    type_label: str
    state: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    place: str
    address: str
    room: str
    staff: list[str]
    direct: str
    language: str
    has_interpreter: bool
    needs: list[str]
    is_protected: bool
    is_to_close: bool
    is_own: bool
    held_until: datetime | None
    version: int


class MeetingDayView(View):
    """An agent's own meetings: to be closed, of today, and of the days ahead. ``holds_meetings`` is false for who holds none."""

    holds_meetings: bool
    to_close: list[MeetingView]
    today: list[MeetingView]
    coming: list[MeetingView]


class AnswerView(View):
    """What the citizen answered to a question of the kallelse; empty while there is no answer."""

    question: str
    answer: str


class DocumentView(View):
    """What was written down at the end; ``how`` it was handed over, and when and by whom it was written (FL 27 §)."""

    edition: int
    text: str
    agreed: str
    next_step: str
    how: str
    reason: str
    made_at: datetime
    made_by: str
    handed_over_at: datetime | None


class MeetingCardView(View):
    """Everything that whoever holds a meeting needs before it, in it and at its end."""

    shown: MeetingView
    person: PersonView | None
    person_unavailable: bool
    kallelse: str
    answers: list[AnswerView]
    draft: str
    document: DocumentView | None
    separately: str
    takes_receipt: bool


class BriefView(View):
    """What a partner may read before a meeting. ``consented`` is null until the citizen has answered; ``found`` are the
    kinds of what was taken out. ``is_for`` is false for meetings before which nobody outside reads anything."""

    is_for: bool
    consented: bool | None
    brief: str
    state: str
    text: str
    found: list[str]


class MeetingTypeView(View):
    """A type that an agent may ask for; ``needs`` are ``consent`` and ``checklist``."""

    id: str
    label: str
    modes: list[str]
    needs: list[str]
    decisions: bool


class MeetingChoicesView(View):
    """What an agent can choose from who books for somebody, and what that person has booked already."""

    types: list[MeetingTypeView]
    offices: list[ChoiceView]
    languages: list[str]
    needs: list[str]
    booked: list[MeetingView]
    is_known: bool
    holds_meetings: bool


class MeetingTimeView(View):
    """A time that can be booked."""

    starts_at: datetime
    ends_at: datetime
    office: str
    office_label: str
    mode: str


class MeetingInvitationView(View):
    """The link by which somebody books a meeting for themselves, for an e-mail or on paper, and until when it works."""

    link: str
    expires_at: datetime


class MeetingTaskView(View):
    """To tell somebody of their possibilities and offer a contact meeting: on ``due_on`` at the latest, before ``day_90``."""

    task: str
    name: str
    is_protected: bool
    state: str
    due_on: date
    day_90: date
    informed_at: datetime | None


class MeetingTasksView(View):
    """An agent's own tasks. ``is_complete`` is false while some cannot be shown, since we cannot see whose they are."""

    tasks: list[MeetingTaskView]
    is_complete: bool
