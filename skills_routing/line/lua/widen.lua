-- [contact, step, why]: ask for less. Without arguments: one contact whose time has come, or who waits for one agent in
-- vain. Named with the step at which it was seen: that contact, if it still is at that step and waits.
local id, why = ARGV[OWN + 1], ARGV[OWN + 3]
if not id then
  id = call('ZRANGEBYSCORE', 'kc:steps', '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
  if not id then return done('none') end
end
local contact = contact_of(id)
if contact.state ~= 'waiting' or contact.due == '' then
  call('ZREM', 'kc:steps', id)
  return done('wrong_state')
end
if why and contact.step ~= ARGV[OWN + 2] then return done('stale') end
why = why or why_widen(contact)
if not why then
  call('ZADD', 'kc:steps', contact.due, id) -- the agent is back, or knows it again
  return done('ok')
end
step_out_of_line(contact)
widen(contact, why)
stand_in_line(contact)
match_contact(contact)
return done('ok')
