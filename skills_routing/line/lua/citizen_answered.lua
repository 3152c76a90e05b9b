-- contact, offer: the citizen who is rung back has answered. One who was rung first is asked for a key now; told again when
-- nobody may have heard it.
local contact = contact_of(ARGV[OWN + 1])
if contact.state == 'dialled' and contact.offer == ARGV[OWN + 2] then
  change(contact, 'answered', '1')
  note('reached', contact.id, '', 'leg', contact.leg, 'queue', contact.queue, 'callback', contact.callback)
  return done('ok')
end
if contact.state ~= 'calling' or contact.offer ~= ARGV[OWN + 2] then return done('wrong_state') end
change(contact, 'state', 'talking', 'at', ARGV[1], 'began', ARGV[1])
note('joined', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'offer', contact.offer, 'callback', contact.callback)
return done('ok')
