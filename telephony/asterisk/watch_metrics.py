"""What the watcher counts for ``/metrics``. Nothing here is told apart by leg, number or person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from telephony.asterisk.watching import CallQuality, Fact, SecurityEvent


class WatchMetrics:
    """The watcher's figures, in a registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connected = Gauge("kc_switch_watched", "1 while the watcher is signed in", registry=registry)
        self.started = Gauge("kc_switch_started_seconds", "When the switch started, Unix time", registry=registry)
        self.restarts = Counter("kc_switch_restarts", "Restarts seen by the watcher", registry=registry)
        self.reachable = Gauge("kc_switch_softphones_reachable", "Softphones that can be rung", registry=registry)
        self._refused = Counter("kc_switch_refused", "Attempts refused at the switch", ["kind"], registry=registry)
        self._loss = Histogram(
            "kc_switch_sound_loss_percent",
            "Sound packets lost since the report before, by whose leg it is and who listens",
            ["side", "heard_by"],
            buckets=(0, 0.5, 1, 2, 5, 10, 25, 100),
            registry=registry,
        )
        self._jitter = Histogram(
            "kc_switch_sound_jitter_ms",
            "Jitter of sound in milliseconds, by whose leg it is and who listens",
            ["side", "heard_by"],
            buckets=(1, 2, 5, 10, 20, 30, 50, 100, 200),
            registry=registry,
        )
        self._round_trip = Histogram(
            "kc_switch_sound_round_trip_ms",
            "Round trip of sound in milliseconds, by whose leg it is and who measured it",
            ["side", "heard_by"],
            buckets=(1, 5, 20, 50, 100, 150, 300, 1000),
            registry=registry,
        )

    def count(self, fact: Fact) -> None:
        """Take a fact into the figures."""
        match fact:
            case SecurityEvent(kind=kind):
                self._refused.labels(kind=kind.value).inc()
            case CallQuality():
                whose = {"side": fact.side.value, "heard_by": fact.heard_by}
                self._loss.labels(**whose).observe(fact.loss_percent)
                self._jitter.labels(**whose).observe(fact.jitter_ms)
                if fact.round_trip_ms is not None:
                    self._round_trip.labels(**whose).observe(fact.round_trip_ms)
            case _:
                return
