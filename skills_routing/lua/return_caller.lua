-- contact, offer, reason: the agent was lost in the middle of a talk, or hands written work back; the citizen goes back
-- to the original place.
local contact, reason = contact_of(ARGV[OWN + 1]), ARGV[OWN + 3]
if contact.state == '' then return done('unknown_contact') end
if contact.offer ~= ARGV[OWN + 2] then return done('stale') end
if contact.state ~= 'talking' or contact.callback ~= '' then return done('wrong_state') end
if weight_of(contact.line) > 0 then
  local agent = agent_of(contact.agent)
  hand_back(contact, reason)
  match_contact(contact)
  match_agent(agent)
  return done('ok')
end
local agent = agent_of(contact.agent)
end_party(contact.agent_leg)
note('returned', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'reason', reason, 'queue', contact.queue)
put_in_line(contact)
change(agent, 'next', '', 'next_reason', '')
let_go(agent, 'NOT_READY', 'connection_lost')
match_contact(contact)
return done('ok')
