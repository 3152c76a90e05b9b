-- contact, offer, by: the talk is over, or the citizen could not be reached. The agent wraps up what was a talk.
-- A written contact is simply over: its citizen wants nothing more.
local contact, by = contact_of(ARGV[OWN + 1]), ARGV[OWN + 3]
if contact.state == '' then return done('unknown_contact') end
if contact.offer ~= ARGV[OWN + 2] then return done('stale') end
if contact.state == 'dialled' then
  local hung_up = contact.answered == '1' and by == 'normal'
  match_agent(end_ringing(contact, contact.said ~= '' and contact.said or (hung_up and 'hung_up' or by)))
  return done('ok')
end
if contact.state ~= 'talking' and contact.state ~= 'calling' then return done('wrong_state') end
local agent = agent_of(contact.agent)
if weight_of(contact.line) > 0 then
  forget(contact)
  note('left', contact.id, agent.id, 'reason', 'hung_up')
  put_down(agent, contact)
  match_agent(agent)
  return done('ok')
end
end_talk(contact)
if contact.state == 'talking' then
  change(contact, 'state', 'wrap_up', 'at', ARGV[1], 'on_hold', '', 'ended_by', by)
  note('talk_ended', contact.id, contact.agent, 'by', by, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token',
    contact.token, 'offer', contact.offer, 'callback', contact.callback)
  if contact.callback ~= '' then
    note('ring_back_ended', contact.id, contact.agent, 'callback', contact.callback, 'how', 'reached',
      'token', contact.token)
  end
  if agent.contact == contact.id then become(agent, 'WRAP_UP', '') end
else
  forget(contact)
  note('ring_back_ended', contact.id, contact.agent, 'callback', contact.callback, 'how', by, 'leg', contact.leg,
    'agent_leg', contact.agent_leg, 'token', contact.token)
  let_go(agent, 'READY', '')
  match_agent(agent)
end
release(contact.leg)
return done('ok')
