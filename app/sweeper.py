"""The process that finds what is late or was left half done: by others, or by nobody in particular."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

import structlog

from app import ring_backs, waiting
from app.case_events import polling_of
from app.figures import CallbackFigures, TextFigures, WebhookFigures
from app.metrics import publish
from app.periodic import every, until_stopped
from app.reloading import Reloader
from app.settings import Settings
from app.wiring import Rooms, rooms_of
from storage.inbox import forget_before
from storage.leases import acquire, is_current
from storage.outbox import forget_dispatched

KEPT = timedelta(days=7)
"""How long a told fact and the key of an outside event stay."""

NUMBERS_KEPT = timedelta(days=365)
"""How long is known whose a number was that is no longer."""

POLL_SECONDS = 10
_SHOWN = timedelta(days=1)
_LEASE = timedelta(seconds=30)

log = structlog.get_logger()


async def sweep(settings: Settings) -> None:
    """Sweep until told to stop. Any number may run: each does what nobody else has claimed."""
    async with rooms_of(settings) as rooms, polling_of(rooms) as polling:
        text_figures = TextFigures(rooms.figures.registry)
        promises = CallbackFigures(rooms.figures.registry)
        told = WebhookFigures(rooms.figures.registry)
        forecasting, figures = waiting.make_forecasting(rooms), waiting.WaitFigures(rooms.figures.registry)
        await until_stopped(
            every(1, "tell overdue facts", rooms.dispatcher.run_overdue),
            every(2, "mend routing", rooms.routing.reconcile),
            every(1, "bring in promises that are due", rooms.callbacks.due),
            every(5, "bring in promises that the line forgot", lambda: ring_backs.retell(rooms)),
            every(10, "free callbacks that nobody finished", lambda: ring_backs.release_stale(rooms)),
            every(15, "count promises", lambda: _count_promises(rooms, promises)),
            every(1, "send texts that are due", rooms.sms.send_due),
            every(15, "count texts", lambda: _count_texts(rooms, text_figures)),
            *(
                every(1, f"tell {system}", partial(rooms.webhooks.deliver_due, system))
                for system in rooms.webhooks.systems
            ),
            *([every(POLL_SECONDS, "ask for events of matters", polling.run_due)] if polling else []),
            every(15, "count what is told", lambda: _count_told(rooms, told)),
            every(10, "let go of times that nobody confirmed", rooms.meetings.lapse),
            every(600, "have contact meetings offered before day 90", rooms.meetings.tasks.run_due),
            every(1, "foresee waits", forecasting.run_due),
            every(60, "measure what was foreseen", lambda: waiting.count(rooms, figures, forecasting)),
            every(10, "close notices whose time is up", lambda: _close_notices(rooms)),
            Reloader(rooms).run(),
            every(600, "forget what is old", lambda: _forget(rooms)),
            every(5, "publish figures", lambda: publish(rooms.redis, "sweeper", rooms.figures.registry)),
            rooms.dispatcher.run(),
        )


async def _close_notices(rooms: Rooms) -> None:
    if await rooms.notices.run_due():
        await rooms.desks_look_again()


async def _count_promises(rooms: Rooms, figures: CallbackFigures) -> None:
    async with rooms.database.reading() as tx:
        used = await rooms.callbacks.caps_used(tx)
    figures.show_caps(
        hour_used=used.hour_used,
        full_ranges=used.full_ranges,
        full_numbers=used.full_numbers,
        full_persons=used.full_persons,
    )


async def _count_texts(rooms: Rooms, figures: TextFigures) -> None:
    counted = await rooms.sms.counted(since=rooms.clock.now() - _SHOWN)
    figures.show_texts({(provider, state.value): many for (provider, state), many in counted.items()})
    for provider, health in (await rooms.sms.health()).items():
        figures.show_provider(provider, share=health.share, wellness=health.wellness)
    caps = await rooms.sms.caps()
    figures.show_caps(hour_used=caps.hour_used, full_ranges=caps.full_ranges, full_numbers=caps.full_numbers)


async def _count_told(rooms: Rooms, figures: WebhookFigures) -> None:
    now = rooms.clock.now()
    for system, count in (await rooms.webhooks.counted(since=now - _SHOWN)).items():
        oldest = (now - count.oldest_waiting).total_seconds() if count.oldest_waiting else 0
        states = {"delivered": count.delivered, "failed": count.failed, "waiting": count.waiting}
        figures.show(system, states, oldest_waiting=oldest)


async def _forget(rooms: Rooms) -> None:
    """Forget what is old, one kind after the other, as long as no other process has begun to do the same."""
    now = rooms.clock.now()
    async with rooms.database.transaction() as tx:
        lease = await acquire(tx, "forget", holder=rooms.process_id, now=now, hold=_LEASE)
        if lease is None:
            return
        forgotten = {
            "facts": await forget_dispatched(tx, before=now - KEPT),
            "keys": await forget_before(tx, before=now - KEPT),
        }
    for what, forget in _forgetting(rooms).items():
        async with rooms.database.transaction() as tx:
            if not await is_current(tx, lease):
                log.warning("another process has begun to forget what is old, and goes on with it", **forgotten)
                return
        forgotten[what] = await forget()
    log.info("old things are forgotten", **forgotten)


def _forgetting(rooms: Rooms) -> Mapping[str, Callable[[], Awaitable[int]]]:
    """What each room forgets in transactions of its own."""
    return {
        "tries": partial(rooms.identity.forget_tries, older_than=KEPT),
        "waits": partial(waiting.forget, rooms),
        "attempts": partial(rooms.routing.forget_attempts, older_than=KEPT),
        "texts": partial(rooms.sms.forget, before=rooms.clock.now() - rooms.sms.policy.kept),
        "numbers": partial(rooms.bindings.forget, older_than=NUMBERS_KEPT),
        "told": rooms.webhooks.forget,
        "meetings": rooms.meetings.forgetting.forget,
    }
