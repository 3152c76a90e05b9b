"""Counts honestly what became of promises: a wait lasts from the first request until they talked. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from callbacks.model import Callback, CallbackState


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long those waited whom we reached: half of them no longer than ``p50``, and so on."""

    p50: timedelta
    p90: timedelta
    p95: timedelta
    p99: timedelta
    longest: timedelta


@dataclass(frozen=True, kw_only=True)
class Count:
    """What became of the promises of a period. Without a time that was said nothing can be late."""

    promised: int
    kept_in_time: int
    kept_late: int
    kept_without_time: int
    failed: Mapping[str, int]
    cancelled: Mapping[str, int]
    open: int
    waits: Waits | None

    @property
    def holds(self) -> bool:
        """Whether what became of them adds up to what was promised."""
        kept = self.kept_in_time + self.kept_late + self.kept_without_time
        return self.promised == kept + sum(self.failed.values()) + sum(self.cancelled.values()) + self.open


def count(promises: Sequence[Callback]) -> Count:
    """Count these promises."""
    kept = [one for one in promises if one.state is CallbackState.KEPT]
    timed = [one for one in kept if one.told is not None]
    in_time = sum(was_in_time(one) for one in timed)
    return Count(
        promised=len(promises),
        kept_in_time=in_time,
        kept_late=len(timed) - in_time,
        kept_without_time=len(kept) - len(timed),
        failed=_reasons(promises, CallbackState.FAILED),
        cancelled=_reasons(promises, CallbackState.CANCELLED),
        open=sum(one.is_open for one in promises),
        waits=_waits([wait for one in kept if (wait := _wait(one)) is not None]),
    )


def was_in_time(promise: Callback) -> bool:
    """Tell whether they talked before the time was over that we had said."""
    return promise.told is not None and promise.talked_at is not None and promise.talked_at < promise.told.ends_at


def _wait(promise: Callback) -> timedelta | None:
    return promise.talked_at - promise.first_requested_at if promise.talked_at else None


def _reasons(promises: Sequence[Callback], state: CallbackState) -> Mapping[str, int]:
    return Counter(one.last_reason or "unknown" for one in promises if one.state is state)


def _waits(waits: Sequence[timedelta]) -> Waits | None:
    if not waits:
        return None
    ordered = sorted(waits)

    def at(share: int) -> timedelta:
        return ordered[-(-share * len(ordered) // 100) - 1]  # nearest rank: a wait that somebody had

    return Waits(p50=at(50), p90=at(90), p95=at(95), p99=at(99), longest=ordered[-1])
