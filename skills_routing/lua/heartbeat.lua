-- agent: the browser is there. After a rebuild this is also how an agent comes back to the state last chosen.
local agent = ARGV[OWN + 1]
local key = 'kc:agent:' .. agent
local state, wish, why = unpack(call('HMGET', key, 'state', 'wish', 'wish_reason'))
if not state then return {'unknown_agent', facts} end
renew_lease(agent)
if call('HGET', key, 'next_reason') == 'browser_gone' then call('HDEL', key, 'next', 'next_reason') end
if wish then
  call('HDEL', key, 'wish', 'wish_reason')
  if wish == 'READY' then make_ready(agent) elseif state ~= wish then become(agent, wish, why or '') end
end
return {'ok', facts}
