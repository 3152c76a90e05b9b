"""How long tests wait for what happens by itself: as long as it takes on a quiet machine, and more on a busy one."""

BUSY = 3
"""What a machine that does much besides may take, for each second that a quiet one takes."""


def at_most(seconds: float) -> float:
    """Return how many seconds to wait for what takes no longer than this on a quiet machine. Who succeeds waits for none
    of them: only what never happens is noticed later."""
    return seconds * BUSY
