-- contact, leg, queue, line, rank, since, state, agent, offer, token, agent leg, callback, step, steps, due: a talk
-- that SQL knows of.
local id, state, agent = ARGV[OWN + 1], ARGV[OWN + 7], ARGV[OWN + 8]
local old = contact_of(id)
if old.state == 'waiting' then take_out_of_line(old) end
if ARGV[OWN + 4] ~= '' and not owner_of(ARGV[OWN + 4]) then ensure_line(ARGV[OWN + 4]) end
call('SADD', 'kc:contacts', id)
call('HSET', 'kc:contact:' .. id, 'leg', ARGV[OWN + 2], 'queue', ARGV[OWN + 3], 'line', ARGV[OWN + 4], 'rank',
  ARGV[OWN + 5], 'since', ARGV[OWN + 6], 'state', state, 'at', ARGV[1], 'agent', agent, 'offer', ARGV[OWN + 9],
  'token', ARGV[OWN + 10], 'agent_leg', ARGV[OWN + 11], 'callback', ARGV[OWN + 12])
if ARGV[OWN + 14] ~= '' then
  call('HSET', 'kc:contact:' .. id, 'step', ARGV[OWN + 13], 'steps', ARGV[OWN + 14], 'due', ARGV[OWN + 15])
end
if state == 'talking' then
  call('SET', 'kc:party:' .. ARGV[OWN + 2], 'caller ' .. id)
  call('SET', 'kc:party:' .. ARGV[OWN + 11], 'agent ' .. id .. ' ' .. ARGV[OWN + 9] .. ' ' .. ARGV[OWN + 10])
end
if tonumber(ARGV[OWN + 10]) > (tonumber(call('GET', 'kc:token')) or 0) then call('SET', 'kc:token', ARGV[OWN + 10]) end
become(agent_of(agent), state == 'talking' and 'BUSY' or 'WRAP_UP', '', 'contact', id)
return done('ok')
