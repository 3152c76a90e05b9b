-- agent, state, reason: after a rebuild, the state that the agent last chose; the next heartbeat brings it about.
local agent = ARGV[OWN + 1]
local key = 'kc:agent:' .. agent
if call('HGET', key, 'state') == 'LOGGED_OFF' then call('HSET', key, 'wish', ARGV[OWN + 2], 'wish_reason', ARGV[OWN + 3]) end
return {'ok', facts}
