"""What other systems tell their callers, kept up beside our forecast so that both can be held against the truth.

Facts from their sources: Asterisk ``app_queue`` (``recalc_holdtime``), OpenSIPS ``call_center`` (``cc_flow_get_etw``),
Wazo's documentation of queues (*Estimated Wait Time Overrun*). All in seconds.
"""

from dataclasses import dataclass


@dataclass
class OneQueue:
    """What such systems remember of one queue; tell it of every answered call, also of those who did not wait."""

    hold_time: int = 0
    handled: int = 0
    mean_handling: float = 0.0

    def answered(self, *, wait: float) -> None:
        """Count an answered call: app_queue weighs the newest by a quarter, in whole seconds."""
        self.hold_time = (3 * self.hold_time + int(wait)) >> 2

    def ended(self, *, handling: float) -> None:
        """Count a call that has ended: OpenSIPS keeps the mean of all."""
        self.handled += 1
        self.mean_handling += (handling - self.mean_handling) / self.handled

    def app_queue(self) -> float:
        """Return what app_queue announces to somebody who comes in now."""
        return float(self.hold_time)

    def wazo(self, *, ahead: int) -> float:
        """Return what Wazo goes by: app_queue's average, but nothing when nobody waits."""
        return float(self.hold_time) if ahead else 0.0

    def opensips(self, *, place: int, agents: int) -> float:
        """Return mean handling × those in the queue ÷ agents logged in; nothing when there are none."""
        return self.mean_handling * place / agents if agents else 0.0

    def handling_times_place(self, *, place: int) -> float:
        """Return mean handling × place, the rule of thumb of small systems."""
        return self.mean_handling * place
