-- The safety net: somebody waits and somebody who can help is free, because one avoided the other until now.
local function look_through(line, somebody_is_free)
  for place = 0, somebody_is_free and LOOK_BEYOND or -1 do
    local id = call('ZRANGE', 'kc:line:' .. line, place, place)[1]
    if not id then return end
    match_contact(contact_of(id))
    if not fresh_offer then return true end
  end
end

for _, line in ipairs(call('SMEMBERS', 'kc:lines')) do
  if look_through(line, call('EXISTS', 'kc:idle:' .. line) == 1) then return done('ok') end
end
for _, line in ipairs(call('SMEMBERS', 'kc:own_lines')) do
  if look_through(line, agent_of(owner_of(line)).state == 'READY') then return done('ok') end
end
return done('none')
