-- contact, leg, queue, line, rank, since, callback, state, agent, offer, token, agent leg, step, steps, due: a talk, a
-- citizen who is being rung back, also before an agent is, or written work, that SQL knows of. An agent with written work only is open for more
-- when the browser is heard of.
local id, leg, state, agent = ARGV[OWN + 1], ARGV[OWN + 2], ARGV[OWN + 8], agent_of(ARGV[OWN + 9])
local contact, token, agent_leg = contact_of(id), ARGV[OWN + 11], ARGV[OWN + 12]
if (tonumber(contact.token) or 0) > tonumber(token) then return done('stale') end -- it has gone on since SQL was read
if contact.state == 'waiting' then take_out_of_line(contact) end
if ARGV[OWN + 4] ~= '' then ensure_line(ARGV[OWN + 4]) end
call('SADD', 'kc:contacts', id)
change(contact, 'leg', leg, 'queue', ARGV[OWN + 3], 'line', ARGV[OWN + 4], 'rank', ARGV[OWN + 5], 'since',
  ARGV[OWN + 6], 'state', state, 'at', ARGV[1], 'agent', agent.id, 'offer', ARGV[OWN + 10], 'token', token,
  'agent_leg', agent_leg, 'callback', ARGV[OWN + 7])
if (ARGV[OWN + 14] or '') ~= '' then
  change(contact, 'step', ARGV[OWN + 13], 'steps', ARGV[OWN + 14], 'due', ARGV[OWN + 15])
end
if tonumber(token) > (tonumber(call('GET', 'kc:token')) or 0) then call('SET', 'kc:token', token) end
if state == 'dialled' then
  change(contact, 'citizen_first', '1')
  call('ZADD', 'kc:dialled', contact.rank, id)
  call('SET', 'kc:party:' .. leg, 'caller ' .. id)
  return done('ok')
end
if agent.lease == '' then renew_lease(agent) end -- the browser has as long as any to be heard of
local weight = weight_of(contact.line)
if weight > 0 then
  if call('SADD', 'kc:written:' .. agent.id, id) == 1 then add_load(agent, weight) end
  if not QUIET[agent.state] then
    change(agent, 'next', 'NOT_READY', 'next_reason', 'browser_gone')
    become(agent, 'BUSY', '')
  end
  return done('ok')
end
local is_on_phone = state == 'talking' or state == 'calling'
if is_on_phone then
  call('SET', 'kc:party:' .. leg, 'caller ' .. id)
  call('SET', 'kc:party:' .. agent_leg, 'agent ' .. id .. ' ' .. ARGV[OWN + 10] .. ' ' .. token)
end
if not QUIET[agent.state] or agent.contact == id or agent.contact == '' then -- else busy with somebody else by now
  change(agent, 'contact', id)
  become(agent, is_on_phone and 'BUSY' or 'WRAP_UP', '')
end
return done('ok')
