"""What the product counts of itself, for ``/metrics``: calls, outcomes, lines. Of the system, never of a person (N1)."""

from collections import Counter as Tally
from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from contacts.events import ContactEnded, ContactOpened
from contacts.model import Outcome
from skills_routing.agents.desk import QueueLength
from skills_routing.model import AgentState


class Figures:
    """The figures of one process, in its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._opened = Counter("kc_contacts_opened", "Contacts begun", ["channel"], registry=self.registry)
        self._ended = Counter("kc_contacts_ended", "Contacts ended, by outcome", ["outcome"], registry=self.registry)
        self._untold = Counter(
            "kc_reactions_failed", "Reactions that failed and wait for another try", registry=self.registry
        )
        self._refused = Gauge(
            "kc_config_refused", "1 while changed files cannot be used and the old ones stay", registry=self.registry
        )
        self._in_use = Gauge("kc_config_in_use", "The version of the files in use", ["version"], registry=self.registry)
        for outcome in Outcome:
            self._ended.labels(outcome)

    async def opened(self, fact: ContactOpened) -> None:
        """Count a contact that has begun."""
        self._opened.labels(fact.channel).inc()

    async def ended(self, fact: ContactEnded) -> None:
        """Count a contact that has ended."""
        self._ended.labels(fact.outcome).inc()

    def configuration_in_use(self, version: str, *, refused: bool) -> None:
        """Show which configuration this process goes by, and whether it refuses a changed one."""
        self._in_use.clear()
        self._in_use.labels(version).set(1)
        self._refused.set(refused)

    def reaction_failed(self) -> None:
        """Count a reaction that failed."""
        self._untold.inc()


class TextFigures:
    """What became of the texts of the last day, how each provider does, and how near the caps are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["provider", "state"]
        self._texts = Gauge(
            "kc_sms_texts", "Texts meant in the last day, by provider and state", labels, registry=registry
        )
        self._share = Gauge("kc_sms_provider_share", "Part of the texts it gets now", ["provider"], registry=registry)
        self._well = Gauge(
            "kc_sms_provider_wellness", "1: nothing is wrong; 0: it is only tried", ["provider"], registry=registry
        )
        self._used = Gauge(
            "kc_sms_hour_used_ratio", "Texts of the last hour ÷ the most for everybody", registry=registry
        )
        self._ranges = Gauge("kc_sms_full_ranges", "Ranges of numbers that got the most of an hour", registry=registry)
        self._numbers = Gauge("kc_sms_full_numbers", "Numbers that got the most of a day", registry=registry)

    def show_texts(self, texts: Mapping[tuple[str, str], int]) -> None:
        """Show what became of texts: provider and state → how many."""
        self._texts.clear()
        for (provider, state), many in texts.items():
            self._texts.labels(provider or "none", state).set(many)

    def show_provider(self, provider: str, *, share: float, wellness: float) -> None:
        """Show how a provider does."""
        self._share.labels(provider).set(share)
        self._well.labels(provider).set(wellness)

    def show_caps(self, *, hour_used: float, full_ranges: int, full_numbers: int) -> None:
        """Show how near the caps are."""
        self._used.set(hour_used)
        self._ranges.set(full_ranges)
        self._numbers.set(full_numbers)


class CallbackFigures:
    """How near the caps on promises to ring back are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._used = Gauge(
            "kc_callbacks_hour_used_ratio", "Promises of the last hour ÷ the most for everybody", registry=registry
        )
        self._ranges = Gauge(
            "kc_callbacks_full_ranges", "Ranges of numbers that got the most of an hour", registry=registry
        )
        self._numbers = Gauge("kc_callbacks_full_numbers", "Numbers that got the most of a day", registry=registry)
        self._persons = Gauge("kc_callbacks_full_persons", "Persons who got the most of a day", registry=registry)

    def show_caps(self, *, hour_used: float, full_ranges: int, full_numbers: int, full_persons: int) -> None:
        """Show how near the caps are."""
        self._used.set(hour_used)
        self._ranges.set(full_ranges)
        self._numbers.set(full_numbers)
        self._persons.set(full_persons)


class WebhookFigures:
    """What other systems were told in the last day, and what waits to be told."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["system", "state"]
        self._told = Gauge(
            "kc_webhooks", "Told and not told in the last day, and waiting, by system", labels, registry=registry
        )
        self._oldest = Gauge(
            "kc_webhooks_oldest_waiting_seconds", "How long the oldest waits to be told", ["system"], registry=registry
        )

    def show(self, system: str, states: Mapping[str, int], *, oldest_waiting: float) -> None:
        """Show what one system was told (state → how many), and for how many seconds the oldest waits."""
        for state, many in states.items():
            self._told.labels(system, state).set(many)
        self._oldest.labels(system).set(oldest_waiting)


class LineFigures:
    """How long the lines are and what agents are doing, as counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waiting = Gauge("kc_waiting", "Contacts waiting", ["queue"], registry=registry)
        self._written = Gauge("kc_waiting_written", "Those who have written and wait", ["queue"], registry=registry)
        self._longest_written = Gauge(
            "kc_longest_written_wait_seconds", "Wait of the first who has written", ["queue"], registry=registry
        )
        self._longest = Gauge("kc_longest_wait_seconds", "Wait of the first in line", ["queue"], registry=registry)
        self._agents = Gauge("kc_agents", "Agents in a state", ["state"], registry=registry)

    def show(self, lengths: tuple[QueueLength, ...], states: Tally[AgentState], *, now: datetime) -> None:
        """Show what is true now."""
        for line in lengths:
            self._waiting.labels(line.queue).set(line.waiting)
            self._written.labels(line.queue).set(line.written)
            written = line.written_since
            self._longest_written.labels(line.queue).set((now - written).total_seconds() if written else 0)
            first = line.longest_since
            self._longest.labels(line.queue).set((now - first).total_seconds() if first else 0)
        for state in AgentState:
            self._agents.labels(state).set(states[state])
