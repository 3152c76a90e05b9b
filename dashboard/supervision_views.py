"""What a supervisor is shown: who can do what, and what is said to callers. Facts, never a figure of a person (N1)."""

from datetime import datetime

from dashboard.views import ChoiceView, NoticeView, QueueView, View


class SkillLevelView(View):
    """A skill and its level, 1 to 5."""

    skill: str
    level: int


class AgentSkillsView(View):
    """What an agent can do. ``chosen_by`` is the supervisor who has set it; empty when the file says it.

    ``no_phone``: the agent is at work, and gets no calls, for the telephone is not connected.
    """

    agent: str
    name: str
    site: str
    skills: list[SkillLevelView]
    chosen_by: str
    chosen_at: datetime | None
    no_phone: bool = False


class SupervisionView(View):
    """Everything of the page for supervisors. ``ready_made`` are texts to choose from when a notice is put up, and
    ``spoken_of`` the skills about which one can be."""

    agents: list[AgentSkillsView]
    skills: list[ChoiceView]
    queues: list[QueueView]
    entry_points: list[ChoiceView]
    spoken_of: list[ChoiceView]
    notices: list[NoticeView]
    ready_made: list[ChoiceView]
    now: datetime
