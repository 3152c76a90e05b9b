-- contact, offer, reason: the agent was lost in the middle of a talk; the citizen goes back to the original place.
local contact, reason = contact_of(ARGV[OWN + 1]), ARGV[OWN + 3]
if contact.state == '' then return {'unknown_contact', facts} end
if contact.offer ~= ARGV[OWN + 2] then return {'stale', facts} end
if contact.state ~= 'talking' or contact.callback ~= '' then return {'wrong_state', facts} end
call('SET', 'kc:party:' .. contact.agent_leg, 'gone', 'EX', 600)
put_in_line(contact)
note('returned', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'reason', reason, 'queue', contact.queue)
call('HDEL', 'kc:agent:' .. contact.agent, 'next', 'next_reason')
let_go(contact.agent, 'NOT_READY', 'connection_lost')
match_contact(contact)
return {'ok', facts}
