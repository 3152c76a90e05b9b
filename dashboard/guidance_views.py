"""What is shown of questions about the guidance: the question and its answer, and of nobody (N1)."""

from datetime import datetime

from dashboard.views import View


class OwnerView(View):
    """Who answers what is unclear in the guidance."""

    owner: str


class GuidanceView(View):
    """A question about a type of meeting; ``answer`` is empty while there is none, ``answered_by`` a role."""

    question: str
    type: str
    label: str
    text: str
    asked_at: datetime
    owner: str
    answer: str
    answered_at: datetime | None
    answered_by: str


class AnsweredGuidanceView(View):
    """What was answered about a type, the newest first, and how many questions about it wait."""

    answered: list[GuidanceView]
    waiting: int


class GuidanceBoardView(View):
    """What waits for an answer, the oldest first, and what was answered last."""

    waiting: list[GuidanceView]
    answered: list[GuidanceView]
