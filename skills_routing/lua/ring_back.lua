-- callback, contact, agent, number, queue: an agent rings a citizen back, the agent's own phone first.
local contact = {id = ARGV[OWN + 2], leg = '', queue = ARGV[OWN + 5], line = '', callback = ARGV[OWN + 1]}
local agent, key = ARGV[OWN + 3], 'kc:contact:' .. ARGV[OWN + 2]
local state, reason = unpack(call('HMGET', 'kc:agent:' .. agent, 'state', 'reason'))
if not state then return {'unknown_agent', facts} end
if state ~= 'READY' and state ~= 'NOT_READY' then return {'wrong_state', facts} end
if call('EXISTS', key) == 1 then return {'known', facts} end
renew_lease(agent)
call('SADD', 'kc:contacts', contact.id)
call('HSET', key, 'queue', contact.queue, 'line', '', 'rank', '0', 'since', ARGV[1], 'callback', contact.callback,
  'number', ARGV[OWN + 4])
call('HSET', 'kc:agent:' .. agent, 'next', state, 'next_reason', reason) -- where the agent goes back to
reserve(contact, agent)
return {'ok', facts}
