-- offer, token: the agent has taken it. A citizen who is to be rung back gets a leg now, unless they were rung first.
local offer, token = ARGV[OWN + 1], ARGV[OWN + 2]
local id, state, same = is_pending(offer, token)
if not id then return done((state == 'ACCEPTED' and same) and 'already' or 'stale') end
local contact = contact_of(id)
local agent = agent_of(contact.agent)
close_offer(contact, 'ACCEPTED')
become(agent, 'BUSY', '')
if contact.callback ~= '' and contact.leg == '' then
  change(contact, 'state', 'calling', 'at', ARGV[1], 'leg', fresh_leg)
  call('SET', 'kc:party:' .. fresh_leg, 'caller ' .. id)
  note('calling', id, contact.agent, 'leg', fresh_leg, 'agent_leg', contact.agent_leg, 'token', contact.token, 'offer',
    contact.offer, 'callback', contact.callback)
  return done('ok')
end
change(contact, 'state', 'talking', 'at', ARGV[1], 'began', ARGV[1])
note('joined', id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'offer', contact.offer, 'callback', contact.callback)
if weight_of(contact.line) > 0 then -- beside other written work; there may be room for more
  call('SADD', 'kc:written:' .. agent.id, id)
  change(agent, 'contact', '', 'idle_since', ARGV[1])
  match_agent(agent)
end
return done('ok')
