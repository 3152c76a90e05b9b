"""Which day of a sick leave a date is, as the rehabilitation chain counts (R71). Pure.

Days are dates on the calendar in Sweden: no night on which the clock changes makes one more or less, and the 29th of February
is a day as any other. A period is half-open: it ends on the first day that is no longer in it.
"""

from datetime import date, timedelta

OWN_WORK = 90
"""Until this day, it included, it is asked whether somebody can do their own work."""
OWN_TASKS = 180
"""The same for whoever works for themselves. It is shown and decides nothing here: who is told of day 90 is everybody."""


def day_of(since: date, on: date) -> int:
    """Return which day of a sick leave a date is: the first is day 1. Before it the number is 0 or less."""
    return (on - since).days + 1


def date_of(since: date, day: int) -> date:
    """Return the date of a day of a sick leave. Raises :class:`OverflowError` where the calendar ends."""
    return since + timedelta(days=day - 1)


def is_to_tell(since: date, on: date, *, from_day: int) -> bool:
    """Tell whether somebody is to be told of their possibilities: from a day on, and until day 90 is over."""
    return from_day <= day_of(since, on) <= OWN_WORK


def is_over(since: date, on: date) -> bool:
    """Tell whether day 90 has passed."""
    return day_of(since, on) > OWN_WORK


def in_time(since: date, told: date) -> bool:
    """Tell whether somebody who was told on a date was told before day 90, and not on it."""
    return day_of(since, told) < OWN_WORK
