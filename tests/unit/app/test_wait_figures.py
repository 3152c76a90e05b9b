"""The figures of waiting times, as Prometheus reads them."""

from prometheus_client import CollectorRegistry, generate_latest

from app.waiting import WaitFigures
from skills_routing.forecast.accuracy_store import Accuracy

GOOD = Accuracy(
    foreseen=10, still_waiting=1, gave_up=2, served=7, told=8, promised=3, spoken=16, spoken_waiting=2, spoken_gave_up=4,
    spoken_served=10, outlasted=0, inside=0.5, error=40.0, app_queue_error=80.0, compared=10, first_error=50.0,
    first_app_queue_error=90.0, first_compared=7,
)  # fmt: skip
NOTHING = Accuracy(
    foreseen=0, still_waiting=0, gave_up=0, served=0, told=0, promised=0, spoken=0, spoken_waiting=0, spoken_gave_up=0,
    spoken_served=0, outlasted=0, inside=None, error=None, app_queue_error=None, compared=0, first_error=None,
    first_app_queue_error=None, first_compared=0,
)  # fmt: skip


def shown(accuracy: Accuracy) -> list[str]:
    registry = CollectorRegistry()
    WaitFigures(registry).show(accuracy, round_seconds=0.25)
    return generate_latest(registry).decode().splitlines()


def test_they_tell_how_good_the_forecasts_were_beside_app_queue() -> None:
    page = shown(GOOD)
    assert "kc_waits_inside_ratio 0.5" in page
    assert "kc_waits_silent_ratio 0.2" in page
    assert 'kc_waits_error_seconds{by="forecast"} 40.0' in page
    assert 'kc_waits_error_seconds{by="app_queue"} 80.0' in page
    assert 'kc_waits_foreseen{became="gave_up"} 2.0' in page
    assert "kc_waits_round_seconds 0.25" in page


def test_what_cannot_be_measured_is_no_number() -> None:
    assert "kc_waits_inside_ratio NaN" in shown(NOTHING)
