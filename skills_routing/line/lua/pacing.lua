-- Citizens who are rung before an agent is (ADR 0020), never more at a time than there are free agents for them. Whoever is
-- being rung has one free agent in mind (`expected`), and no agent is had in mind for two (`expects`). An agent whom somebody
-- has in mind goes on with whoever else comes; another is then had in mind as soon as one is free. pacing.py says it slowly.

local function stands_by(agent, contact) -- could talk with this citizen at once
  return has_room(openness(agent), contact.line) and can_serve(agent.profile, contact.line)
    and not is_avoided(contact, agent) and not browser_is_gone(agent)
end

local function is_had_in_mind(agent, contact)
  return contact.state == 'dialled' and contact.expected == agent.id and agent.expects == contact.id
    and stands_by(agent, contact)
end

local function expect(contact, agent)
  change(agent, 'expects', contact.id)
  change(contact, 'expected', agent.id)
end

local function is_expecting(agent) -- also takes the agent for somebody being rung whose own has gone to another meanwhile
  if agent.expects ~= '' and is_had_in_mind(agent, contact_of(agent.expects)) then return true end
  for _, id in ipairs(call('ZRANGE', 'kc:dialled', 0, -1)) do
    local contact = contact_of(id)
    if stands_by(agent, contact) and not is_had_in_mind(agent_of(contact.expected), contact) then
      expect(contact, agent)
      return true
    end
  end
  return false
end

local function others_wait(agent) -- somebody besides those who can be rung first
  for _, line in ipairs(lines_of(agent)) do
    local waiting = may_have(agent, line) and call('ZCARD', 'kc:line:' .. line) or 0
    if waiting > 0 and waiting > call('SCARD', 'kc:paced:' .. line) then return true end
  end
  for line in agent.own:gmatch('%S+') do
    if may_have(agent, line) and can_serve(agent.profile, line) and call('EXISTS', 'kc:line:' .. line) == 1 then
      return true
    end
  end
  return false
end

local function ring_first(contact, agent)
  local token = whole(call('INCR', 'kc:token'))
  if contact.state == 'waiting' then take_out_of_line(contact) end
  change(contact, 'state', 'dialled', 'at', ARGV[1], 'leg', fresh_leg, 'offer', fresh_offer, 'token', token)
  expect(contact, agent)
  call('ZADD', 'kc:dialled', contact.rank, contact.id)
  call('SET', 'kc:party:' .. fresh_leg, 'caller ' .. contact.id)
  note('dialled', contact.id, '', 'leg', fresh_leg, 'token', token, 'offer', fresh_offer, 'callback', contact.callback)
  fresh_offer = nil -- the leg has its name
end

local function give(contact, agent, why, besides) -- `besides`: who wants the agent, too; false: has to wait for its pace
  local is_pressed = (besides and not is_paced(besides)) or not is_paced(contact) or others_wait(agent)
  if is_pressed then reserve(contact, agent, why) return true end
  if is_expecting(agent) then return false end
  ring_first(contact, agent)
  return true
end

local function end_pace(contact) -- the citizen is not being rung any more: returns the agent whom they had in mind
  local agent = agent_of(contact.expected)
  call('ZREM', 'kc:dialled', contact.id)
  change(contact, 'expected', '')
  return agent
end

local function end_ringing(contact, how) -- the citizen was not reached, or does not want to be now
  local agent = end_pace(contact)
  forget(contact)
  note('ring_back_ended', contact.id, '', 'callback', contact.callback, 'how', how, 'leg', contact.leg, 'token',
    contact.token)
  release(contact.leg)
  return agent
end
