"""When a text says that we ring, by what was chosen or told and by the hours in which citizens are rung."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.promises import when
from callbacks.model import Callback, CallbackState, Period, Policy
from core.ids import CallbackId, ContactId
from core.language import Language
from core.phone import PhoneNumber

TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday, ten o'clock in Stockholm
HOUR = Period(TEN + timedelta(hours=3), TEN + timedelta(hours=4))
IN_TURN = ("when_turn", dict[str, str]())
AT_ONE = ("when_time", {"date": date(2026, 12, 1), "starts": "13.00", "ends": "14.00"})


def promise(*, slot: Period | None = None, told: Period | None = None) -> Callback:
    return Callback(
        callback=CallbackId("cbk_1"), contact=ContactId("con_1"), number=PhoneNumber("+46701740605"), queue="sjuk",
        language=Language.SWEDISH, reason="", state=CallbackState.WAITING, first_requested_at=TEN, promised_at=TEN,
        slot=slot, told=told,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "now", "said"),
    [
        (promise(), TEN, IN_TURN),
        (promise(slot=HOUR), TEN, AT_ONE),
        (promise(told=HOUR), TEN, AT_ONE),
        # what was said is over: it is not said again
        (promise(told=HOUR), HOUR.ends_at, IN_TURN),
        # nobody is rung at ten in the evening
        (promise(), TEN + timedelta(hours=12), ("when_open", {"date": date(2026, 12, 2), "starts": "08.00"})),
    ],
)
def test_a_text_says_as_much_as_is_known(made: Callback, now: datetime, said: object) -> None:
    assert when(made, Policy(), now=now) == said
