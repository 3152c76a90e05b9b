-- contact, offer, by: the talk is over, or the citizen could not be reached. The agent wraps up what was a talk.
local contact, by = contact_of(ARGV[OWN + 1]), ARGV[OWN + 3]
if contact.state == '' then return done('unknown_contact') end
if contact.offer ~= ARGV[OWN + 2] then return done('stale') end
if contact.state ~= 'talking' and contact.state ~= 'calling' then return done('wrong_state') end
call('DEL', 'kc:party:' .. contact.leg)
call('SET', 'kc:party:' .. contact.agent_leg, 'gone', 'EX', 600)
if contact.state == 'talking' then
  call('HSET', 'kc:contact:' .. contact.id, 'state', 'wrap_up', 'at', ARGV[1])
  call('HDEL', 'kc:contact:' .. contact.id, 'on_hold')
  note('talk_ended', contact.id, contact.agent, 'by', by, 'leg', contact.leg, 'agent_leg', contact.agent_leg, 'token',
    contact.token, 'offer', contact.offer)
  if contact.callback ~= '' then
    note('ring_back_ended', contact.id, contact.agent, 'callback', contact.callback, 'how', 'reached')
  end
  become(agent_of(contact.agent), 'WRAP_UP', '')
else
  forget(contact)
  note('ring_back_ended', contact.id, contact.agent, 'callback', contact.callback, 'how', by, 'leg', contact.leg,
    'agent_leg', contact.agent_leg)
  local agent = agent_of(contact.agent)
  let_go(agent, 'READY', '')
  match_agent(agent)
end
return done('ok')
