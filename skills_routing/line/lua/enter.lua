-- contact, leg, queue, line, rank, since, callback, [step, steps, due, citizen first, token]: begin to wait, or be offered at once. A contact
-- that is known stays as it is. "steps" is the plan of steps.py, "step" where the contact stands in it, "due" when it
-- goes on. Without a leg it is a written one, or with "callback" somebody whom we have promised to ring back; with "citizen
-- first" (1) perhaps before an agent is. "token" is of the newest decision that SQL knows of: what ends the attempt names it.
local id, leg, queue, line = ARGV[OWN + 1], ARGV[OWN + 2], ARGV[OWN + 3], ARGV[OWN + 4]
if call('SADD', 'kc:contacts', id) == 0 and contact_of(id).state ~= '' then return done('known') end
ensure_line(line)
local contact = contact_of(id)
change(contact, 'leg', leg, 'queue', queue, 'line', line, 'rank', ARGV[OWN + 5], 'since', ARGV[OWN + 6], 'callback',
  ARGV[OWN + 7] or '', 'citizen_first', ARGV[OWN + 11] or '', 'token', ARGV[OWN + 12] or '')
if (ARGV[OWN + 9] or '') ~= '' then
  change(contact, 'step', ARGV[OWN + 8], 'steps', ARGV[OWN + 9], 'due', ARGV[OWN + 10])
  catch_up(contact)
end
if leg ~= '' then call('SET', 'kc:party:' .. leg, 'caller ' .. id) end
local entered = note('entered', id, '', 'leg', leg, 'queue', queue, 'place', '1')
match_contact(contact)
if contact.state == '' then -- the offer may have gone to somebody who came before
  put_in_line(contact)
  entered[#entered] = place_of(contact)
end
return done('ok')
