-- contact, leg: the citizen whom we rang first has pressed the key: a caller from now on, at the rank that they always had.
local id, leg = ARGV[OWN + 1], ARGV[OWN + 2]
local contact = contact_of(id)
if contact.state ~= 'dialled' or contact.leg ~= leg then return done('wrong_state') end
end_pace(contact)
local confirmed = note('confirmed', id, '', 'leg', leg, 'queue', contact.queue, 'token', contact.token, 'place', '1')
match_contact(contact)
if contact.state == 'dialled' then -- the offer may have gone to somebody who came before, or nobody is free
  put_in_line(contact)
  confirmed[#confirmed] = place_of(contact)
end
return done('ok')
