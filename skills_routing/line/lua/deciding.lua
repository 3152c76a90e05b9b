-- The decision: what matching.py says slowly, with indexes.

local function head_of(line, place)
  local found = call('ZRANGE', 'kc:line:' .. line, place, place, 'WITHSCORES')
  return found[1] and {contact = found[1], rank = tonumber(found[2]), line = line, place = place} or nil
end

local function first_of(heads)
  local first
  for i, head in pairs(heads) do
    local ahead = first and heads[first]
    if not ahead or head.rank < ahead.rank or (head.rank == ahead.rank and before(head.contact, ahead.contact)) then
      first = i
    end
  end
  return first
end

local function first_at_a_glance(agent) -- who stands first of the heads: the answer, unless the two avoid each other
  local kind = agent.profile .. (can_be_rung(agent) and ' +' or ' -') .. whole(capacity_of(agent))
  local known = first_of_kind[kind] -- one decision may ask for many agents, and nobody comes or goes meanwhile
  if known ~= nil then return known and contact_of(known) end
  local contact, rank
  for _, line in ipairs(lines_of(agent)) do
    local found = may_have(agent, line) and call('ZRANGE', 'kc:line:' .. line, 0, 0, 'WITHSCORES') or {}
    local theirs = tonumber(found[2])
    if theirs and (not rank or theirs < rank or (theirs == rank and before(found[1], contact))) then
      contact, rank = found[1], theirs
    end
  end
  first_of_kind[kind] = contact or false
  return contact and contact_of(contact)
end

local function first_for(agent) -- lowest rank among the lines that the agent can serve, room or not
  if agent.own == '' then
    local first = first_at_a_glance(agent)
    if not first or not is_avoided(first, agent) then return first end
  end
  local heads = {}
  for i, line in ipairs(lines_of(agent)) do
    if may_have(agent, line) then heads[i] = head_of(line, 0) end
  end
  for line in agent.own:gmatch('%S+') do
    if may_have(agent, line) and can_serve(agent.profile, line) then heads[line] = head_of(line, 0) end
  end
  local first = first_of(heads)
  while first do
    local head = heads[first]
    local contact = contact_of(head.contact)
    if not is_avoided(contact, agent) then return contact end
    heads[first] = head.place < look_beyond and head_of(head.line, head.place + 1) or nil
    first = first_of(heads)
  end
end

local function match_agent(agent) -- who comes first and has no room yet is waited for: nobody passes them
  if gathering or not fresh_offer then return end
  local open = openness(agent)
  if open == '' then return end
  if browser_is_gone(agent) then return dismiss(agent) end
  local contact = first_for(agent)
  if contact and has_room(open, contact.line) then give(contact, agent, 'agent_free') end
end

local function waits_for_another(agent, contact) -- somebody before this one needs the agent without other work
  if load_of(agent) == 0 then return false end
  local first = first_for(agent)
  if not first or first.id == contact.id or has_room(openness(agent), first.line) then return false end
  local theirs, ours = tonumber(first.rank), tonumber(contact.rank)
  return theirs < ours or (theirs == ours and before(first.id, contact.id))
end

local function match_own(contact, agent) -- only this agent will do, for now
  if not has_room(openness(agent), contact.line) or not can_serve(agent.profile, contact.line) then return false end
  if browser_is_gone(agent) then dismiss(agent) return false end
  if is_avoided(contact, agent) or waits_for_another(agent, contact) then return false end
  reserve(contact, agent, 'preferred_agent')
  return true
end

local function somebody_before(agent, contact, in_any_case) -- who should get this agent instead; only those who are paced wait beside one
  local none_beside = not catching_up and call('EXISTS', 'kc:line:' .. contact.line) + call('EXISTS', 'kc:paced') == 0
  if none_beside and not in_any_case then return end
  local first = first_for(agent)
  if not first or first.id == contact.id or not has_room(openness(agent), first.line) then return end
  local theirs, ours = tonumber(first.rank), tonumber(contact.rank)
  if theirs < ours or (theirs == ours and before(first.id, contact.id)) then return first end
end

local function match_contact(contact) -- least scarce skills first, then longest idle; tells whether an offer was made, to this one or to one before
  if gathering or not fresh_offer then return false end
  index_all()
  local owner = owner_of(contact.line)
  if owner then return match_own(contact, agent_of(owner)) end
  local key, place, avoided = 'kc:idle:' .. contact.line, 0, 0
  while avoided <= look_beyond do -- whoever is kept free for another does not count, however many they are
    local name = call('ZRANGE', key, place, place)[1]
    if not name then return false end
    local agent = agent_of(name)
    if not has_room(openness(agent), contact.line) then
      call('ZREM', key, name) -- left by an older version of these functions
    elseif browser_is_gone(agent) then
      dismiss(agent)
    elseif is_avoided(contact, agent) then
      place, avoided = place + 1, avoided + 1
    elseif waits_for_another(agent, contact) then
      place = place + 1
    else
      local first = somebody_before(agent, contact)
      if give(first or contact, agent, 'fits_best', first and contact) then return true end
      place = place + 1
    end
  end
  return false
end

local function make_ready(agent)
  change(agent, 'idle_since', ARGV[1])
  become(agent, 'READY', '')
  match_agent(agent)
end

local function give_back(contact, how, agent_state, agent_reason) -- an offer came to nothing: the contact keeps its place
  local agent = agent_of(contact.agent)
  close_offer(contact, how)
  local waits = contact.line ~= '' -- whom an agent picked to ring back is in no line
  if waits then
    change(contact, 'avoid:' .. agent.id, whole(now + avoid_ms))
    if owner_of(contact.line) then widen(contact, how:lower()) end
    put_in_line(contact)
  else
    forget(contact)
    note('ring_back_ended', contact.id, agent.id, 'callback', contact.callback, 'how', 'agent_' .. how:lower(),
      'token', contact.token)
  end
  let_go(agent, agent_state, agent_reason)
  if waits then match_contact(contact) end
  match_agent(agent)
end

local function hand_back(contact, reason) -- a written contact goes back to its place
  local agent = agent_of(contact.agent)
  note('returned', contact.id, agent.id, 'leg', '', 'agent_leg', '', 'token', contact.token, 'reason', reason, 'queue',
    contact.queue)
  change(contact, 'avoid:' .. agent.id, whole(now + avoid_ms))
  if owner_of(contact.line) then widen(contact, reason == 'agent_lost' and 'agent_away' or 'rejected') end
  put_in_line(contact)
  put_down(agent, contact)
end

-- As many as `many` who log in within a second are gathered for a moment, if as many wait for them: they get their
-- contacts by one batch (assignment.py), in which nobody takes a contact from another who can do nothing else.
local GATHER_MS = 300

local function begins_to_gather(agent)
  if many == 0 or gathering then return end
  local since, count = (call('GET', 'kc:log_ins') or '0 0'):match('^(%d+) (%d+)$')
  if now - tonumber(since) >= 1000 then since, count = ARGV[1], '0' end
  call('SET', 'kc:log_ins', since .. ' ' .. whole(count + 1))
  if count + 1 < many then return end
  local waiting = 0
  for _, line in ipairs(lines_of(agent)) do waiting = waiting + call('ZCARD', 'kc:line:' .. line) end
  if waiting < many then return end
  local made = call('GET', 'kc:generation'):match('^%d+')
  call('SET', 'kc:generation', made .. ' ' .. whole(now + GATHER_MS))
  gathering = true
end

local function log_in(agent)
  begins_to_gather(agent)
  make_ready(agent)
end
