-- contact, leg, how: whoever answered is not to be connected: not now, somebody else, a machine, or nobody who pressed a
-- key. It is told when the call is over; the agent whom they had in mind is free for the next already.
local contact = contact_of(ARGV[OWN + 1])
if contact.state ~= 'dialled' or contact.leg ~= ARGV[OWN + 2] then return done('wrong_state') end
change(contact, 'said', ARGV[OWN + 3])
match_agent(end_pace(contact))
return done('ok')
