-- The safety net: somebody waits and somebody who can help is free, because one avoided the other until now.
for _, line in ipairs(call('SMEMBERS', 'kc:lines')) do
  local last = call('EXISTS', 'kc:idle:' .. line) == 1 and LOOK_BEYOND or -1
  for place = 0, last do
    local id = call('ZRANGE', 'kc:line:' .. line, place, place)[1]
    if not id then break end
    match_contact(contact_of(id))
    if not fresh_offer then return done('ok') end
  end
end
return done('none')
