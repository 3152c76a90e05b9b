-- callback, contact, agent, queue: an agent rings a citizen back, the agent's own phone first.
local contact = {id = ARGV[OWN + 2], leg = '', queue = ARGV[OWN + 4], line = '', callback = ARGV[OWN + 1]}
local agent, key = agent_of(ARGV[OWN + 3]), 'kc:contact:' .. ARGV[OWN + 2]
if not agent.is_known then return done('unknown_agent') end
if call('EXISTS', key) == 1 then return done('known') end
if agent.state ~= 'READY' and agent.state ~= 'NOT_READY' then return done('wrong_state') end
renew_lease(agent)
call('SADD', 'kc:contacts', contact.id)
call('HSET', key, 'queue', contact.queue, 'line', '', 'rank', '0', 'since', ARGV[1], 'callback', contact.callback)
set(agent, 'next', agent.state, 'next_reason', agent.reason) -- where the agent goes back to
reserve(contact, agent, 'ring_back')
return done('ok')
