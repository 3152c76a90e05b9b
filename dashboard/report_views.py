"""The report on meetings as supervisors see it: types, places and seasons, and never a person (N1). Shares are from 0 to 1."""

from datetime import date

from dashboard.views import View


class PeriodView(View):
    """Days from the first until, not including, the last."""

    first: date
    until: date


class QualityView(View):
    """Who came; had the documentation, on the same day; had answered questions before; answered afterwards."""

    came: float | None
    documented: float | None
    documented_same_day: float | None
    prepared: float | None
    followed_up: float | None


class FiguresView(View):
    """Count and quality together; ``quality`` is none where too few have held the meetings to tell it."""

    held: int
    missed: int
    cancelled: int
    booked: int
    moves: int
    quality: QualityView | None


class OfPlaceView(View):
    """An office, or (empty) the small ones together."""

    office: str
    now: FiguresView
    before: FiguresView


class OfTypeView(View):
    """A type of meeting, now and in the same season before."""

    type: str
    label: str
    now: FiguresView
    before: FiguresView
    offices: tuple[OfPlaceView, ...]
    unclear: int
    unclear_answered: int
    words: tuple[str, ...]


class OffersView(View):
    """What became of the tasks before day 90."""

    given: int
    told: int
    said_yes: int
    said_no: int
    told_before_day_90: float | None
    median_days: float | None


class MeetingReportView(View):
    """The whole report. Unless it ``is_over`` and ``is_kept`` the two seasons are not to be compared."""

    period: PeriodView
    baseline: PeriodView
    is_over: bool
    is_kept: bool
    types: tuple[OfTypeView, ...]
    offers: OffersView
    offers_before: OffersView
