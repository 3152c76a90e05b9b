-- alone (ms): one agent whose browser has not been heard of gets no more offers. One who talks keeps talking; who wraps
-- up is given so long to come back, and is then done with it: the note can be written afterwards. What was being written
-- goes back to the line after as long.
local alone = tonumber(ARGV[OWN + 1])
local name = call('ZRANGEBYSCORE', 'kc:leases', '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not name then return done('none') end
call('ZREM', 'kc:leases', name)
local agent = agent_of(name)
hurry_own(agent)
if agent.state == 'RESERVED' then
  give_back(contact_of(agent.contact), 'RESCINDED', 'NOT_READY', 'browser_gone')
elseif agent.state == 'READY' then
  dismiss(agent)
elseif agent.state == 'WRAP_UP' and (tonumber(agent.lease) or 0) + alone <= now then
  local contact = contact_of(agent.contact)
  forget(contact)
  note('wrapped_up', contact.id, agent.id, 'token', contact.token, 'offer', contact.offer,
    'leg', contact.leg, 'by', contact.ended_by, 'callback', contact.callback)
  let_go(agent, 'NOT_READY', 'browser_gone')
elseif agent.state == 'BUSY' and agent.contact == '' and (tonumber(agent.lease) or 0) + alone <= now then
  for _, id in ipairs(call('SMEMBERS', 'kc:written:' .. name)) do hand_back(contact_of(id), 'agent_lost') end
elseif agent.state == 'BUSY' or agent.state == 'WRAP_UP' then
  dismiss(agent)
end
if agent.state == 'BUSY' or agent.state == 'WRAP_UP' then
  call('ZADD', 'kc:leases', whole(now + alone), name) -- looked at again
end
return done('ok')
