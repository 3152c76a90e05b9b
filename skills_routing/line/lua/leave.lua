-- contact, reason: the citizen no longer waits (gone, or has chosen something else). Not for one who talks. Whoever was rung
-- first and gave up before an agent was free is still owed the talk.
local contact, reason = contact_of(ARGV[OWN + 1]), ARGV[OWN + 2]
local was_rung = contact.callback ~= '' and contact.leg ~= ''
local how = was_rung and (reason == 'hung_up' and 'gave_up' or 'fault') or 'canceled'
if contact.state == 'waiting' and was_rung then
  take_out_of_line(contact)
  forget(contact)
  note('ring_back_ended', contact.id, '', 'callback', contact.callback, 'how', how, 'leg', contact.leg, 'token',
    contact.token)
  release(contact.leg)
elseif contact.state == 'waiting' then
  take_out_of_line(contact)
  forget(contact)
  note('left', contact.id, '', 'reason', reason)
elseif contact.state == 'dialled' then
  match_agent(end_ringing(contact, 'canceled'))
elseif contact.state == 'offered' then
  close_offer(contact, 'CANCELED')
  forget(contact)
  if contact.callback ~= '' then
    note('ring_back_ended', contact.id, contact.agent, 'callback', contact.callback, 'how', how, 'token', contact.token)
  else
    note('left', contact.id, '', 'reason', reason)
  end
  local agent = agent_of(contact.agent)
  let_go(agent, 'READY', '')
  match_agent(agent)
elseif contact.state == '' then
  return done('unknown_contact')
else
  return done('wrong_state')
end
return done('ok')
