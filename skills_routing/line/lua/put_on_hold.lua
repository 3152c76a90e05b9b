-- agent, contact, '1' or '': note that the citizen hears music, or hears the agent again.
local agent, contact = ARGV[OWN + 1], contact_of(ARGV[OWN + 2])
if contact.agent ~= agent or contact.state ~= 'talking' then return done('not_yours') end
change(contact, 'on_hold', ARGV[OWN + 3])
note('held', contact.id, agent, 'on_hold', ARGV[OWN + 3])
return done('ok')
