-- contact, reason: the citizen no longer waits (gone, or has chosen something else). Not for one who talks.
local contact = contact_of(ARGV[OWN + 1])
if contact.state == 'waiting' then
  take_out_of_line(contact)
  forget(contact)
  note('left', contact.id, '', 'reason', ARGV[OWN + 2])
elseif contact.state == 'offered' then
  close_offer(contact, 'CANCELED')
  forget(contact)
  if contact.callback ~= '' then
    note('ring_back_ended', contact.id, contact.agent, 'callback', contact.callback, 'how', 'canceled')
  else
    note('left', contact.id, '', 'reason', ARGV[OWN + 2])
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
