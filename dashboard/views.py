"""What the browser is shown. Every string from outside is plain text here; the page never reads it as markup."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """Something that is shown; it is made once and not changed."""

    model_config = ConfigDict(frozen=True)


class ChoiceView(View):
    """One entry of a list that one chooses from."""

    id: str
    label: str


class MeView(View):
    """Who is logged in, and what they choose from. ``csrf`` goes along as ``X-KC-CSRF`` with every change."""

    agent: str
    name: str
    roles: list[str]
    csrf: str
    expires_at: datetime
    not_ready_reasons: list[ChoiceView]
    wrap_up_codes: list[ChoiceView]
    ring_back_codes: list[ChoiceView]
    written_codes: list[ChoiceView]


class LoginView(View):
    """How one can log in here."""

    password: bool
    organisation: bool
    demo: bool


class SoftphoneView(View):
    """The agent's telephone: ``sip`` with an account for the browser, or ``simulator`` without sound."""

    mode: str
    uri: str = ""
    password: str = ""
    ws_url: str = ""


class WaitingFor(View):
    """What is known of a contact without saying who it is: shown with an offer and a conversation."""

    contact: str
    channel: str
    queue: str
    queue_label: str
    waiting_since: datetime | None
    language: str
    level: int
    path: list[str]


class RingBackView(View):
    """The promise to ring back behind an offer or a talk: what was said, and which attempt this is."""

    callback: str
    promised_at: datetime
    waiting_since: datetime
    told_from: datetime | None
    told_until: datetime | None
    attempt: int
    most_attempts: int
    is_on_the_line: bool
    is_own: bool


class OfferView(View):
    """A contact that is offered to this agent; ``token`` must come along with the answer."""

    offer: str
    token: int
    expires_at: datetime
    is_ring_back: bool
    is_written: bool
    about: WaitingFor
    ring_back: RingBackView | None = None


class TalkView(View):
    """The conversation that this agent has. ``connected`` is false while a telephone still rings."""

    since: datetime
    connected: bool
    on_hold: bool
    about: WaitingFor
    ring_back: RingBackView | None = None


class WrittenView(View):
    """Somebody who has written and whom this agent answers, with the newest text that one of the two wrote; ``last_is_ours``: an agent.

    ``last_state`` is what became of that text of ours.
    """

    since: datetime
    about: WaitingFor
    last_at: datetime | None
    last_is_ours: bool
    last_state: str


class WrapUpView(View):
    """The conversation that this agent is writing up."""

    since: datetime
    about: WaitingFor
    ring_back: RingBackView | None = None


class QueueView(View):
    """How many wait for something, since when the first of them, and between how many minutes somebody would who came now.

    Without the minutes nobody is sure. ``written`` have written, the first of them since ``written_since``.
    """

    queue: str
    label: str
    waiting: int
    longest_since: datetime | None
    least_minutes: int | None = None
    most_minutes: int | None = None
    written: int = 0
    written_since: datetime | None = None


class NoticeView(View):
    """A message that callers hear: first of all (``entry_point``), or before waiting in a ``queue`` or
    for somebody with a ``skill``."""

    place: str
    name: str
    label: str
    text: str
    put_up_by: str
    ends_at: datetime
    ends_soon: bool


class LeavingView(View):
    """What an agent shall know before logging off: sentences about those whom nobody else could serve."""

    warnings: list[str]


class DeskView(View):
    """The whole desk of one agent. ``now`` is the server's time, by which the page corrects its own clock."""

    state: str
    reason: str
    since: datetime
    next_state: str
    next_reason: str
    offer: OfferView | None
    talk: TalkView | None
    wrap_up: WrapUpView | None
    written: list[WrittenView]
    lets_calls_in: bool
    queues: list[QueueView]
    callbacks_waiting: int
    callbacks_to_follow_up: int
    notices: list[NoticeView]
    now: datetime

    def looks_like(self, other: "DeskView | None") -> bool:
        """Tell whether both show the same, whenever they were made."""
        return other is not None and self == other.model_copy(update={"now": self.now})


class MatterView(View):
    """One open matter of a person."""

    benefit: str
    state: str
    decision_expected_on: date | None
    decided_on: date | None
    missing: list[str]


class PersonView(View):
    """The person behind a contact, as the agency's systems know them. ``protected``: say nothing of where they are."""

    name: str
    language: str
    protected: bool
    matters: list[MatterView]


class CardView(View):
    """Who a contact is with. ``person`` is there only when they have shown who they are.

    When we ring them (``rings_back``), ``number`` is the one that we ring, masked until we do, and ``code`` what we say.
    """

    contact: str
    number: str
    display_name: str
    level: int
    opened_at: datetime
    answers: list[str]
    person: PersonView | None
    person_unavailable: bool
    rings_back: bool = False
    code: str = ""


class DemoView(View):
    """What a visitor of the demonstration can try. ``persons`` are invented, with published test numbers."""

    demo: bool
    national_number: str = ""
    sound: bool = False
    persons: list["DemoPersonView"] = []


class DemoPersonView(View):
    """An invented person whom a visitor can play."""

    name: str
    personnummer: str
    code: str
    about: str


class PhoneView(View):
    """A telephone that this page has until it is closed."""

    phone: str
    number: str
    mode: str
    uri: str = ""
    password: str = ""
    ws_url: str = ""
