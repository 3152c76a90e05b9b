-- [1: one by one]. The safety net: somebody waits and somebody who can help is free, because one avoided the other until now, or because
-- agents have gathered. Unless it is to go one by one, says 'many' when so many are on both sides that a batch is better.
if gathering then return done('none') end
local lines, idle, waiting = {}, 0, 0
local one_by_one = ARGV[OWN + 1] == '1'
for _, line in ipairs(call('SMEMBERS', 'kc:lines')) do
  local free = call('ZCARD', 'kc:idle:' .. line)
  if free > 0 then
    lines[#lines + 1] = line
    idle = math.max(idle, free)
    waiting = waiting + call('ZCARD', 'kc:line:' .. line) - call('SCARD', 'kc:paced:' .. line)
  end
end
if not one_by_one and many > 0 and idle >= many and waiting >= many then return done('many') end
for _, line in ipairs(call('SMEMBERS', 'kc:own_lines')) do
  if openness(agent_of(owner_of(line))) ~= '' then lines[#lines + 1] = line end
end
for _, line in ipairs(lines) do
  for place = 0, look_beyond do
    local id = call('ZRANGE', 'kc:line:' .. line, place, place)[1]
    if not id then break end
    if match_contact(contact_of(id)) then return done('ok') end
  end
end
return done('none')
