-- agent, state, reason: the agent chooses. While there is work the choice is kept for when it is over.
local agent, state, reason = ARGV[OWN + 1], ARGV[OWN + 2], ARGV[OWN + 3]
local key = 'kc:agent:' .. agent
local present, was, disabled = unpack(call('HMGET', key, 'state', 'reason', 'disabled'))
if not present or disabled then return {'unknown_agent', facts} end
call('HDEL', key, 'wish', 'wish_reason')
renew_lease(agent)
if present == 'RESERVED' or present == 'BUSY' or present == 'WRAP_UP' then
  call('HSET', key, 'next', state, 'next_reason', reason)
  note('next_state', '', agent, 'state', state, 'reason', reason)
elseif state == 'READY' then
  if present ~= 'READY' then make_ready(agent) end
elseif present ~= state or was ~= reason then
  become(agent, state, reason)
end
return {'ok', facts}
