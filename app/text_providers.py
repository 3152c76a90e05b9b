"""Makes the providers of texts that the settings name, and what reads what they post to us."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from yarl import URL

from app.settings import Settings
from app.system import SystemClock, new_id
from core.clock import Clock
from core.errors import ConfigurationError
from core.phone import PhoneNumber, parse_phone
from sms.adapters import elks, twilio
from sms.adapters.simulator import SimulatedProvider
from sms.api.webhooks import PREFIX
from sms.ports import Provider, Webhook
from sms.routes import Route
from sms.service import Sms
from sms.wording import Texts
from storage.database import Database, Transaction

if TYPE_CHECKING:
    from app.wiring import Rooms

_WELL, _NEARLY_USED = 0.5, 0.8
_TALKED_WITHIN = timedelta(days=365)


@dataclass(frozen=True)
class _Kind:
    """How to make one kind of provider from settings that :mod:`app.safety` has found complete."""

    provider: Callable[[Settings], Provider]
    webhook: Callable[[Settings], Webhook]
    per_second: Callable[[Settings], float]


def routes_of(settings: Settings, database: Database, clock: Clock) -> Sequence[Route]:
    """Return the ways by which texts leave: those that are named, else the simulator in the demonstration, else none."""
    if not settings.sms_shares:
        return [Route(provider=SimulatedProvider(database, clock), per_second=1_000)] if settings.demo else []
    return [
        Route(provider=kind.provider(settings), weight=weight, per_second=kind.per_second(settings))
        for name, weight in settings.sms_shares.items()
        for kind in [KINDS[name]]
    ]


def webhooks_of(settings: Settings) -> Sequence[Webhook]:
    """Return what reads what each named provider posts to us."""
    return [KINDS[name].webhook(settings) for name in settings.sms_shares]


def address(settings: Settings, name: str, what: str, *, login: tuple[str, str] | None = None) -> str:
    """Return the address that a provider posts ``texts`` or ``receipts`` to."""
    url = URL(f"{settings.base_url}{PREFIX}/{name}/{what}")
    return str(url.with_user(login[0]).with_password(login[1]) if login else url)


async def faults_of(settings: Settings, texts: Texts) -> tuple[str, list[str]]:
    """Return who sends our texts, with the part that each gets now, and a sentence for each thing that is wrong."""
    database, clock = Database(settings.sql_url), SystemClock()
    routes = routes_of(settings, database, clock)
    sms = Sms(database=database, clock=clock, new_id=new_id, texts=texts, own_number="", routes=routes)
    try:
        health, caps = await sms.health(), await sms.caps()
    finally:
        await sms.close()
        await database.close()
    words = ", ".join(f"{name} {one.share:.0%}" for name, one in health.items())
    unwell = [
        f"{name} fails, is slow, or its texts do not arrive" for name, one in health.items() if one.wellness < _WELL
    ]
    full = [f"{caps.full_ranges} ranges of numbers got all that the caps allow"] if caps.full_ranges else []
    used = [f"{caps.hour_used:.0%} of the texts of an hour are used"] if caps.hour_used > _NEARLY_USED else []
    return words, unwell + full + used


async def is_known(rooms: "Rooms", tx: Transaction, number: PhoneNumber) -> bool:
    """Tell whether we owe a number something, or somebody talked with us from it: these get texts when strangers do not."""
    if await rooms.callbacks.is_waited_for(tx, number):
        return True
    return await rooms.contacts.has_talked(tx, number, since=rooms.clock.now() - _TALKED_WITHIN)


def _elks(settings: Settings) -> Provider:
    login = (elks.NAME, settings.elks_webhook_secret.get_secret_value())
    return elks.ElksProvider(
        url=settings.elks_url,
        username=settings.elks_username,
        password=settings.elks_password.get_secret_value(),
        sender=_number(settings.elks_sender),
        receipts=address(settings, elks.NAME, "receipts", login=login),
    )


def _twilio(settings: Settings) -> Provider:
    return twilio.TwilioProvider(
        url=settings.twilio_url,
        account=settings.twilio_account,
        token=settings.twilio_token.get_secret_value(),
        sender=_number(settings.twilio_sender),
        receipts=address(settings, twilio.NAME, "receipts"),
    )


def _number(text: str) -> PhoneNumber:
    number = parse_phone(text)
    if number is None:
        raise ConfigurationError("A sender of texts is no telephone number.")
    return number


KINDS: Mapping[str, _Kind] = {
    elks.NAME: _Kind(
        provider=_elks,
        webhook=lambda s: elks.ElksWebhook(secret=s.elks_webhook_secret.get_secret_value()),
        per_second=lambda s: s.elks_per_second,
    ),
    twilio.NAME: _Kind(
        provider=_twilio,
        webhook=lambda s: twilio.TwilioWebhook(token=s.twilio_token.get_secret_value(), base_url=s.base_url),
        per_second=lambda s: s.twilio_per_second,
    ),
}
"""Every provider that can be named."""
