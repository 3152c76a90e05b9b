-- contact, offer: the citizen who is rung back has answered.
local contact = contact_of(ARGV[OWN + 1])
if contact.state ~= 'calling' or contact.offer ~= ARGV[OWN + 2] then return done('wrong_state') end
change(contact, 'state', 'talking', 'at', ARGV[1], 'began', ARGV[1])
note('joined', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'offer', contact.offer, 'callback', contact.callback)
return done('ok')
