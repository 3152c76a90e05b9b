"""The switch as seen from a process that does not control it: actions go to the controller through Redis."""

from collections.abc import AsyncIterator

import structlog
from redis.asyncio import Redis

from telephony import wire
from telephony.codec import UnreadableActionError, decode_action, encode_action
from telephony.model import Action

ACTIONS = "kc:switch:actions"
_log = structlog.get_logger()


class RemoteSwitch:
    """Hands actions to whichever process controls the switch. What becomes of them comes as facts, as always."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def perform(self, action: Action) -> None:
        """Hand the action over, and return when it is on its way.

        Raises :class:`~telephony.errors.SwitchUnavailableError` when Redis does not take it or nobody listens. That a leg has ended is
        found out by the controller only.
        """
        await wire.ask(self._redis, ACTIONS, {"action": encode_action(action)})


async def actions_for_controller(redis: Redis) -> AsyncIterator[Action]:
    """Yield what other processes ask from now on.

    Wants a client of its own, without a socket time-out (``storage.redis.blocking``), and raises its errors of
    connection: whoever iterates begins anew.
    """
    async for entry in wire.asked(redis, ACTIONS):
        try:
            action = decode_action(entry.get("action", ""))
        except UnreadableActionError as error:
            _log.error("action_unreadable", reason=error.detail)
            continue
        yield action
