"""What the browser is shown of promises to ring back. No number is whole here, and no figure is of a person (N1)."""

from datetime import datetime

from dashboard.views import ChoiceView, View


class CallbackView(View):
    """One promise to ring back. The number is masked: an agent sees the whole of it after taking the promise."""

    callback: str
    number: str
    queue_label: str
    reason: str
    language: str
    waiting_since: datetime
    promised_at: datetime
    told_from: datetime | None
    told_until: datetime | None
    attempts: int
    not_before: datetime | None
    is_own: bool
    is_rung_first: bool
    ended_at: datetime | None
    last_reason: str


class CallbackListsView(View):
    """``due`` and in the line, ``coming``, this agent's ``own``, and those given up, ``to_follow_up``."""

    due: list[CallbackView]
    coming: list[CallbackView]
    own: list[CallbackView]
    to_follow_up: list[CallbackView]


class TimeView(View):
    """A time that can be chosen."""

    starts_at: datetime
    ends_at: datetime


class LinkView(View):
    """The address of the citizen's own page of a promise."""

    address: str


class OwnPromiseView(View):
    """What an agent can choose from when promising to ring somebody: instants, and who can stand in."""

    times: list[datetime]
    deputies: list[ChoiceView]


class ToldView(View):
    """What an agent tells whom they have just promised to ring: when, from which number, how often we try, and the code by
    which they know us; ``""`` when the talk is over and nobody hears it."""

    told_from: datetime | None
    calls_from: str
    most_attempts: int
    code: str


class ReasonCountView(View):
    """How many ended so."""

    reason: str
    number: int


class WaitsView(View):
    """Seconds from the first request until they talked."""

    p50: int
    p90: int
    p95: int
    p99: int
    longest: int


class CapsView(View):
    """How near the caps against fraud are: part of the most for everybody in an hour; how many are at a cap of theirs."""

    hour_used: float
    full_ranges: int
    full_numbers: int
    full_persons: int


class CallbackCountView(View):
    """What was promised in the last days, and what became of it; and how near the caps against fraud are now."""

    days: int
    promised: int
    kept_in_time: int
    kept_late: int
    kept_without_time: int
    open: int
    failed: list[ReasonCountView]
    cancelled: list[ReasonCountView]
    waits: WaitsView | None
    caps: CapsView
