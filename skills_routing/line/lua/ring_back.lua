-- callback, contact, agent, queue: an agent has picked a citizen to ring back, also one who stands in the line for it. The
-- agent's own phone is rung first.
local id, agent = ARGV[OWN + 2], agent_of(ARGV[OWN + 3])
if agent.state == '' then return done('unknown_agent') end
local contact = contact_of(id)
local in_line = contact.state == 'waiting' and contact.callback == ARGV[OWN + 1]
if not in_line and (contact.queue ~= '' or contact.state ~= '') then return done('known') end
if agent.state ~= 'READY' and agent.state ~= 'NOT_READY' then return done('wrong_state') end
if not can_be_rung(agent) then return done('wrong_state') end
renew_lease(agent)
call('SADD', 'kc:contacts', id)
if in_line then
  take_out_of_line(contact)
  change(contact, 'state', '', 'line', '', 'steps', '', 'due', '')
else
  change(contact, 'queue', ARGV[OWN + 4], 'line', '', 'rank', '0', 'since', ARGV[1], 'callback', ARGV[OWN + 1])
end
change(agent, 'next', agent.state, 'next_reason', agent.reason) -- where the agent goes back to
reserve(contact, agent, 'ring_back')
return done('ok')
