"""Whose a number is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.ids import PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import ANSWERS, Binding, Nobody, owner

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
DAYS = timedelta(days=180)
MAJAS = Binding(
    binding="bnd_1", person=PersonId("per_maja"), subject=Subject("s1"), number=PhoneNumber("+46701740605"),
    language=Language.SWEDISH, allowed=ANSWERS, asked_at=NOW, asked_by="call", confirmed_at=NOW,
)  # fmt: skip
NILSS = replace(MAJAS, binding="bnd_2", person=PersonId("per_nils"))


def test_it_is_theirs_who_confirmed_it_until_it_lapses_or_ends() -> None:
    assert owner([MAJAS], at=NOW + DAYS - timedelta(seconds=1), lifetime=DAYS) is MAJAS
    assert owner([MAJAS], at=NOW + DAYS, lifetime=DAYS) is Nobody.UNBOUND
    assert owner([replace(MAJAS, ended_at=NOW)], at=NOW, lifetime=DAYS) is Nobody.UNBOUND
    assert owner([replace(MAJAS, confirmed_at=None)], at=NOW, lifetime=DAYS) is Nobody.UNBOUND
    assert owner([], at=NOW, lifetime=DAYS) is Nobody.UNBOUND


def test_of_several_persons_it_is_nobodys() -> None:
    assert owner([MAJAS, NILSS], at=NOW, lifetime=DAYS) is Nobody.SHARED
    assert owner([MAJAS, replace(NILSS, ended_at=NOW)], at=NOW, lifetime=DAYS) is MAJAS
    assert owner([MAJAS, replace(NILSS, confirmed_at=None)], at=NOW, lifetime=DAYS) is MAJAS


def test_a_telephone_has_a_time_to_say_yes() -> None:
    asked = replace(MAJAS, confirmed_at=None)
    assert asked.is_asked(at=NOW, answer_within=timedelta(hours=1))
    assert not asked.is_asked(at=NOW + timedelta(hours=1), answer_within=timedelta(hours=1))
    assert not MAJAS.is_asked(at=NOW, answer_within=timedelta(hours=1))
