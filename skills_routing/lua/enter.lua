-- contact, leg, queue, line, rank, since, [step, steps, due]: begin to wait, or be offered at once. A contact that is
-- known stays as it is. "steps" is the plan of steps.py, "step" where the contact stands in it, "due" when it goes on.
local contact = {id = ARGV[OWN + 1], leg = ARGV[OWN + 2], queue = ARGV[OWN + 3], line = ARGV[OWN + 4],
  rank = ARGV[OWN + 5], since = ARGV[OWN + 6], agent = '', offer = '', callback = '',
  step = ARGV[OWN + 7] or '0', due = ARGV[OWN + 9] or ''}
local key = 'kc:contact:' .. contact.id
local known = call('HGET', key, 'state')
if known then return done('known') end
if not owner_of(contact.line) then ensure_line(contact.line) end
call('SADD', 'kc:contacts', contact.id)
call('HSET', key, 'leg', contact.leg, 'queue', contact.queue, 'line', contact.line, 'rank', contact.rank, 'since',
  contact.since)
if (ARGV[OWN + 8] or '') ~= '' then
  call('HSET', key, 'step', contact.step, 'steps', ARGV[OWN + 8], 'due', contact.due)
end
call('SET', 'kc:party:' .. contact.leg, 'caller ' .. contact.id)
put_in_line(contact)
local place = call('ZRANK', 'kc:line:' .. contact.line, contact.id) + 1
note('entered', contact.id, '', 'leg', contact.leg, 'queue', contact.queue, 'place', whole(place))
match_contact(contact)
return done('ok')
