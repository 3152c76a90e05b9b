-- agent, profile, scarcity, enabled: what an agent can do, at once also for one who is free now.
local agent, profile, scarcity = ARGV[OWN + 1], ARGV[OWN + 2], ARGV[OWN + 3]
local key = 'kc:agent:' .. agent
local state, old, rated = unpack(call('HMGET', key, 'state', 'profile', 'scarcity'))
local works = state == 'RESERVED' or state == 'BUSY' or state == 'WRAP_UP'
if ARGV[OWN + 4] ~= '1' then
  if works then
    call('HSET', key, 'disabled', '1', 'next', 'LOGGED_OFF', 'next_reason', 'disabled')
  elseif state then
    become(agent, 'LOGGED_OFF', 'disabled')
    call('DEL', key)
  end
  call('SREM', 'kc:agents', agent)
  return {'ok', facts}
end
ensure_profile(profile)
call('SADD', 'kc:agents', agent)
call('HDEL', key, 'disabled')
if not state then call('HSET', key, 'state', 'LOGGED_OFF', 'reason', '', 'since', ARGV[1]) end
if old == profile and rated == scarcity then return {'ok', facts} end
if state == 'READY' then unindex_idle(agent) end
call('HSET', key, 'profile', profile, 'scarcity', scarcity)
if state == 'READY' then
  index_idle(agent)
  match_agent(agent)
end
return {'ok', facts}
