-- contact, offer, reason, head start (ms, or none): the agent was lost in the middle of a talk, or hands written work back; the citizen goes back
-- to the original place, or as much ahead of the arrival as those stand who were cut off in a talk.
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
end_talk(contact)
local ahead = tonumber(contact.since) - (tonumber(ARGV[OWN + 4] or '') or 0)
if ahead < tonumber(contact.rank) then
  contact.rank = whole(ahead)
  call('HSET', 'kc:contact:' .. contact.id, 'rank', contact.rank)
end
note('returned', contact.id, contact.agent, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token', contact.token,
  'reason', reason, 'queue', contact.queue, 'rank', contact.rank)
put_in_line(contact)
if agent.contact == contact.id then
  change(agent, 'next', '', 'next_reason', '')
  let_go(agent, 'NOT_READY', 'connection_lost')
end
match_contact(contact)
return done('ok')
