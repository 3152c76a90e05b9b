"""What the citizen's page says of a promise."""

from collections.abc import Sequence

from callbacks.model import Callback, CallbackState, Period
from citizen_pages import times
from core.language import Language


def days(
    free: Sequence[Period], words: times.Words, language: Language, *, chosen: Period | None
) -> Sequence[times.Day]:
    """Return times by day, the chosen one among them."""
    spans = [(one.starts_at, one.ends_at) for one in (*free, *([chosen] if chosen else []))]
    return times.days(spans, words, language, chosen=chosen.starts_at if chosen else None)


def when(promise: Callback, words: times.Words, language: Language) -> str:
    """Say when we will ring."""
    if promise.attempts and promise.next_at is not None:
        return words["again"].format(
            day=times.day(promise.next_at, language), **{"from": times.clock(promise.next_at, language)}
        )
    if promise.told is None:
        return words["in_line"]
    return words["at_time" if promise.slot else "in_line_told"].format(
        day=times.day(promise.told.starts_at, language),
        **times.from_until((promise.told.starts_at, promise.told.ends_at), language),
    )


def over(promise: Callback) -> str:
    """Return the first half of the keys of the words for a promise that cannot be changed."""
    return {CallbackState.CANCELLED: "cancelled", CallbackState.KEPT: "kept", CallbackState.TAKEN: "taken"}.get(
        promise.state, "failed"
    )
