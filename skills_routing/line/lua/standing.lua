-- Standing in the line: in which one a contact waits, how what it asks for widens, and how it comes and goes. A contact
-- that would rather have one agent waits in a line of that agent's own (@asa:1,...), which the agent's record names.

local function why_in_vain(contact) -- why it should not wait for the agent whom it would rather have, if it does
  local owner = owner_of(contact.line)
  if not owner then return end
  local agent = agent_of(owner)
  if agent.state == '' or agent.disabled ~= '' then return 'agent_unknown' end
  local comes_back = agent.wish ~= '' and agent.wish ~= 'LOGGED_OFF' -- after a rebuild
  if agent.state == 'LOGGED_OFF' and not comes_back then return 'agent_away' end
  local at_work = agent.state == 'RESERVED' or agent.state == 'BUSY' or agent.state == 'WRAP_UP'
  if not comes_back and not at_work and (browser_is_gone(agent) or agent.reason == 'browser_gone') then
    return 'agent_away'
  end
  if not at_work and weight_of(contact.line) == 0 and not can_be_rung(agent) then return 'agent_away' end
  if not can_serve(agent.profile, contact.line) then return 'agent_lacks' end
end

local function why_widen(contact) -- why the next step is to be taken now, if it is
  if contact.due == '' then return end
  return why_in_vain(contact) or (tonumber(contact.due) <= now and 'time' or nil)
end

local function widen(contact, why) -- the next step: an easier requirement, the same rank
  local steps, number = cjson.decode(contact.steps), (tonumber(contact.step) or 0) + 1
  local following = steps[number + 2]
  change(contact, 'line', steps[number + 1][1], 'step', whole(number), 'due', following and whole(following[2]) or '')
  ensure_line(contact.line)
  call('HSET', 'kc:at_step', contact.id, contact.step) -- what the reconciler compares with SQL
  note('step_taken', contact.id, '', 'step', contact.step, 'line', contact.line, 'how', why, 'queue', contact.queue)
end

local function join_own(line) -- the agent looks there too, as long as somebody is there
  local agent = agent_of(owner_of(line))
  call('SADD', 'kc:own_lines', line)
  if agent.state ~= '' and not (' ' .. agent.own .. ' '):find(' ' .. line .. ' ', 1, true) then
    change(agent, 'own', agent.own == '' and line or agent.own .. ' ' .. line)
  end
end

local function leave_own(line)
  if call('EXISTS', 'kc:line:' .. line) == 1 then return end
  local agent, others = agent_of(owner_of(line)), {}
  call('SREM', 'kc:own_lines', line)
  for other in agent.own:gmatch('%S+') do others[#others + 1] = other ~= line and other or nil end
  if agent.state ~= '' then change(agent, 'own', table.concat(others, ' ')) end
end

local function catch_up(contact) -- steps whose time has come already
  local why = not rebuilding and why_widen(contact)
  while why do
    widen(contact, why)
    why = why_widen(contact)
  end
end

local function is_paced(contact) -- the citizen is to be rung before an agent is, and was not yet
  return contact.citizen_first == '1' and contact.leg == '' and not owner_of(contact.line)
end

local function stand_in_line(contact)
  first_of_kind = {}
  catch_up(contact)
  call('ZADD', 'kc:line:' .. contact.line, contact.rank, contact.id)
  if is_paced(contact) then
    call('SADD', 'kc:paced', contact.id)
    call('SADD', 'kc:paced:' .. contact.line, contact.id)
  end
  if contact.due ~= '' then call('ZADD', 'kc:steps', contact.due, contact.id) end
  if owner_of(contact.line) then join_own(contact.line) end
end

local function step_out_of_line(contact)
  first_of_kind = {}
  call('ZREM', 'kc:line:' .. contact.line, contact.id)
  if is_paced(contact) then
    call('SREM', 'kc:paced', contact.id)
    call('SREM', 'kc:paced:' .. contact.line, contact.id)
  end
  if contact.due ~= '' then call('ZREM', 'kc:steps', contact.id) end
  if owner_of(contact.line) then leave_own(contact.line) end
end

local function waiting_key(contact) -- who has written is counted apart: nobody holds the line
  return (weight_of(contact.line) > 0 and 'kc:waiting_written:' or 'kc:waiting:') .. contact.queue
end

local function put_in_line(contact)
  change(contact, 'state', 'waiting', 'at', ARGV[1], 'agent', '', 'offer', '', 'agent_leg', '', 'on_hold', '')
  stand_in_line(contact) -- the token stays: see repairs.py
  call('ZADD', waiting_key(contact), contact.since, contact.id)
  call('ZADD', 'kc:order:' .. contact.queue, contact.rank, contact.id)
end

local function place_of(contact) -- among all who wait in the queue, whatever each of them needs: what the caller is told
  return whole(call('ZRANK', 'kc:order:' .. contact.queue, contact.id) + 1)
end

local function take_out_of_line(contact)
  step_out_of_line(contact)
  call('ZREM', waiting_key(contact), contact.id)
  call('ZREM', 'kc:order:' .. contact.queue, contact.id)
end

local function forget(contact)
  drop(contact)
  call('SREM', 'kc:contacts', contact.id)
  if (tonumber(contact.step) or 0) > 0 then call('HDEL', 'kc:at_step', contact.id) end
  if contact.leg ~= '' and contact.state ~= 'wrap_up' then call('DEL', 'kc:party:' .. contact.leg) end
end
