-- contact, offer, reason: the agent was lost in the middle of a talk, or hands written work back; the citizen goes back
-- to the original place.
local contact, reason = contact_of(ARGV[OWN + 1]), ARGV[OWN + 3]
if contact.state == '' then return done('unknown_contact') end
if contact.offer ~= ARGV[OWN + 2] then return done('stale') end
if contact.state ~= 'talking' or contact.callback ~= '' then return done('wrong_state') end
local agent, is_written = agent_of(contact.agent), weight_of(contact.line) > 0
end_party(contact.agent_leg)
note('returned', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'reason', reason, 'queue', contact.queue)
if is_written then change(contact, 'avoid:' .. agent.id, whole(now + avoid_ms)) end
put_in_line(contact)
if is_written then
  put_down(agent, contact)
else
  change(agent, 'next', '', 'next_reason', '')
  let_go(agent, 'NOT_READY', 'connection_lost')
end
match_contact(contact)
match_agent(agent)
return done('ok')
