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
  let_go(contact.agent, 'READY', '')
  match_agent(contact.agent)
elseif contact.state == '' then
  return {'unknown_contact', facts}
else
  return {'wrong_state', facts}
end
return {'ok', facts}
