"""Does on the switch what other processes ask: one leg's actions in order, those of different legs side by side."""

from functools import partial

import structlog
from redis.asyncio import Redis

from core.errors import ConflictError, UnavailableError
from ivr.lanes import Lanes
from telephony.model import Action, leg_of
from telephony.ports import Performs
from telephony.remote import actions_for_controller

log = structlog.get_logger()


async def obey(client: Redis, switch: Performs) -> None:
    """Perform what is asked; a switch that is slow to answer for one leg holds up no other agent's telephone.

    Wants a client of its own, and raises its errors of connection, after what was asked before is done.
    """
    lanes = Lanes()
    try:
        async for action in actions_for_controller(client):
            lanes.post(leg_of(action), partial(_perform, switch, action))
    finally:
        await lanes.idle()


async def _perform(switch: Performs, action: Action) -> None:
    try:
        await switch.perform(action)
    except (ConflictError, UnavailableError) as error:
        log.info("an action was not performed", action=type(action).__name__, leg=leg_of(action), reason=str(error))
