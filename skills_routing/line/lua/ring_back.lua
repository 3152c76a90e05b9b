-- callback, contact, agent, queue: an agent rings a citizen back, the agent's own phone first.
local id, agent = ARGV[OWN + 2], agent_of(ARGV[OWN + 3])
if agent.state == '' then return done('unknown_agent') end
local contact = contact_of(id)
if contact.queue ~= '' or contact.state ~= '' then return done('known') end
if agent.state ~= 'READY' and agent.state ~= 'NOT_READY' then return done('wrong_state') end
renew_lease(agent)
call('SADD', 'kc:contacts', id)
change(contact, 'queue', ARGV[OWN + 4], 'line', '', 'rank', '0', 'since', ARGV[1], 'callback', ARGV[OWN + 1])
change(agent, 'next', agent.state, 'next_reason', agent.reason) -- where the agent goes back to
reserve(contact, agent, 'ring_back')
return done('ok')
