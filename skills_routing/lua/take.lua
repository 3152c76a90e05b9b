-- offer, token: the agent has taken it. A citizen who is to be rung back gets a leg now.
local offer, token = ARGV[OWN + 1], ARGV[OWN + 2]
local id, state, same = is_pending(offer, token)
if not id then return done((state == 'ACCEPTED' and same) and 'already' or 'stale') end
local contact = contact_of(id)
close_offer(contact, 'ACCEPTED')
become(agent_of(contact.agent), 'BUSY', '')
local key = 'kc:contact:' .. id
if contact.callback ~= '' then
  call('HSET', key, 'state', 'calling', 'at', ARGV[1], 'leg', fresh_leg)
  call('SET', 'kc:party:' .. fresh_leg, 'caller ' .. id)
  note('calling', id, contact.agent, 'leg', fresh_leg)
else
  call('HSET', key, 'state', 'talking', 'at', ARGV[1], 'began', ARGV[1])
  note('joined', id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
    'offer', contact.offer, 'callback', contact.callback)
end
return done('ok')
