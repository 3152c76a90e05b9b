-- contact, offer, reason: the agent was lost in the middle of a talk; the citizen goes back to the original place.
local contact, reason = contact_of(ARGV[OWN + 1]), ARGV[OWN + 3]
if contact.state == '' then return done('unknown_contact') end
if contact.offer ~= ARGV[OWN + 2] then return done('stale') end
if contact.state ~= 'talking' or contact.callback ~= '' then return done('wrong_state') end
call('SET', 'kc:party:' .. contact.agent_leg, 'gone', 'EX', 600)
put_in_line(contact)
note('returned', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'reason', reason, 'queue', contact.queue)
local agent = agent_of(contact.agent)
clear(agent, 'next', 'next_reason')
let_go(agent, 'NOT_READY', 'connection_lost')
match_contact(contact)
return done('ok')
