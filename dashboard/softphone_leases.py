"""How long the secret of an agent's telephone works: as long as the desk that asked for it lives, and no longer.

A log-out ends it at once; a desk that gives no sign of life, or whose log-in has run out, loses it within a minute.
"""

from datetime import timedelta

import structlog
from redis.asyncio import Redis

from core.clock import Clock
from core.errors import UnavailableError
from core.ids import AgentId
from dashboard.ports import SipAccount, Softphones
from dashboard.sessions import Sessions
from storage.redis import our_errors

WITHOUT_SIGN_OF_LIFE = timedelta(seconds=60)
_AGAIN = timedelta(seconds=10)
"""When somebody else may try to take a secret back after one who began to."""
_MOST_AT_ONCE = 100

_UNTIL, _HOLDERS = "kc:softphone:until", "kc:softphone:holders"
_TAKE = """
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
"""
_IF_HELD = """
local holder = redis.call('HGET', KEYS[2], ARGV[1])
if holder and holder ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
_IF_OVER = """
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not ends or tonumber(ends) > tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
_FORGET = """
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
"""

log = structlog.get_logger()


class SoftphoneLeases:
    """Hands out secrets for agents' telephones and takes them back. Any number of processes may do so side by side.

    ``family`` names a log-in, as in :class:`~dashboard.sessions.Session`. A secret that is taken back by a hair's
    breadth after a new one was handed out costs nothing but a question: the page asks anew when it is refused.
    """

    def __init__(self, *, redis: Redis, clock: Clock, softphones: Softphones, sessions: Sessions) -> None:
        self._redis = redis
        self._clock = clock
        self._softphones = softphones
        self._sessions = sessions

    async def issue(self, agent: AgentId, family: str) -> SipAccount | None:
        """Make a new secret for the agent's telephone, held by this log-in; ``None`` where telephones have no sound."""
        await self._run(_TAKE, agent, family, self._stamp(WITHOUT_SIGN_OF_LIFE))
        return await self._softphones.issue(agent)

    async def answer(self, agent: AgentId) -> None:
        """Take the call that rings at the agent's telephone, where the browser cannot do so itself."""
        await self._softphones.answer(agent)

    async def keep(self, agent: AgentId, family: str) -> None:
        """Prolong the lease: the desk of this log-in has given a sign of life. Another log-in's lease is left alone."""
        await self._run(_IF_HELD, agent, family, self._stamp(WITHOUT_SIGN_OF_LIFE))

    async def log_off(self, agent: AgentId) -> None:
        """Take the secret back: the agent is off duty, whichever desk said so."""
        await self._run(_TAKE, agent, "", self._stamp(timedelta()))
        await self._take_back_those_over([agent])

    async def log_out(self, agent: AgentId, family: str) -> None:
        """Take the secret back if it was this log-in's; the agent may have another desk elsewhere. Never fails."""
        try:
            if await self._run(_IF_HELD, agent, family, self._stamp(timedelta())):
                await self._take_back_those_over([agent])
        except UnavailableError as error:  # without a sign of life it runs out within a minute all the same
            log.warning("the secret of a softphone could not be taken back yet", agent=agent, reason=str(error))

    async def take_back(self) -> None:
        """Take back the secrets of desks that are gone and of log-ins that have run out; to be done again and again."""
        for agent in await self._sessions.agents_whose_log_in_is_over():
            await self.log_off(agent)
            await self._sessions.forget_over(agent)
        async with our_errors():
            over = await self._redis.zrange(
                _UNTIL, "-inf", self._stamp(timedelta()), byscore=True, offset=0, num=_MOST_AT_ONCE
            )
        await self._take_back_those_over([AgentId(str(agent)) for agent in over])

    async def _take_back_those_over(self, agents: list[AgentId]) -> None:
        for agent in agents:
            again = self._stamp(_AGAIN)
            if not await self._run(_IF_OVER, agent, self._stamp(timedelta()), again):
                continue
            try:
                await self._softphones.revoke(agent)
            except UnavailableError as error:  # the lease stands as over, so it is tried again
                log.warning("the secret of a softphone could not be taken back yet", agent=agent, reason=str(error))
                return
            await self._run(_FORGET, agent, again)

    def _stamp(self, ahead: timedelta) -> str:
        return str(int((self._clock.now() + ahead).timestamp() * 1000))

    async def _run(self, script: str, *arguments: str) -> bool:
        async with our_errors():
            return bool(await self._redis.eval(script, 2, _UNTIL, _HOLDERS, *arguments))
