-- Offers, and the decision who is offered to whom.

local function reserve(contact, agent, why)
  local token, expires = call('INCR', 'kc:token'), whole(now + offer_ms)
  call('HSET', 'kc:contact:' .. contact.id, 'state', 'offered', 'at', ARGV[1], 'agent', agent.id, 'offer', fresh_offer,
    'token', token, 'agent_leg', fresh_leg)
  become(agent, 'RESERVED', '', 'contact', contact.id)
  call('HSET', 'kc:offer:' .. fresh_offer, 'state', 'PENDING', 'contact', contact.id, 'agent', agent.id, 'token', token,
    'leg', fresh_leg, 'made_at', ARGV[1], 'expires_at', expires)
  call('ZADD', 'kc:offers', expires, fresh_offer)
  call('SET', 'kc:party:' .. fresh_leg, 'agent ' .. contact.id .. ' ' .. fresh_offer .. ' ' .. token)
  note('offer_made', contact.id, agent.id, 'offer', fresh_offer, 'token', whole(token), 'leg', contact.leg, 'agent_leg',
    fresh_leg, 'queue', contact.queue, 'reason', why)
  fresh_offer = nil -- one script makes one offer at most
end

local function close_offer(contact, state)
  local key = 'kc:offer:' .. contact.offer
  call('HSET', key, 'state', state, 'ended_at', ARGV[1])
  call('EXPIRE', key, 3600)
  call('ZREM', 'kc:offers', contact.offer)
  if state ~= 'ACCEPTED' then call('SET', 'kc:party:' .. contact.agent_leg, 'gone', 'EX', 600) end
  note('offer_ended', contact.id, contact.agent, 'offer', contact.offer, 'how', state:lower(), 'agent_leg',
    contact.agent_leg, 'token', contact.token)
end

local function is_pending(offer, token)
  local state, issued, contact = unpack(call('HMGET', 'kc:offer:' .. offer, 'state', 'token', 'contact'))
  if state == 'PENDING' and issued == token then return contact end
  return nil, state or 'unknown', issued == token
end

-- The decision -------------------------------------------------------------------------------------------------------

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

local function match_agent(agent) -- lowest rank among the lines that the agent can serve
  if not fresh_offer or agent.state ~= 'READY' then return end
  if browser_is_gone(agent) then return become(agent, 'NOT_READY', 'browser_gone') end
  local heads = {}
  for i, line in ipairs(lines_of(agent)) do heads[i] = head_of(line, 0) end
  for line in agent.own:gmatch('%S+') do
    if can_serve(agent.profile, line) then heads[line] = head_of(line, 0) end
  end
  local first = first_of(heads)
  while first and is_avoided(heads[first].contact, agent.id) do
    local head = heads[first]
    heads[first] = head.place < LOOK_BEYOND and head_of(head.line, head.place + 1) or nil
    first = first_of(heads)
  end
  if not first then return end
  local contact = contact_of(heads[first].contact)
  take_out_of_line(contact)
  reserve(contact, agent, 'agent_free')
end

local function match_own(contact, agent) -- only this agent will do, for now
  if not fresh_offer or agent.state ~= 'READY' or not can_serve(agent.profile, contact.line) then return end
  if browser_is_gone(agent) then return become(agent, 'NOT_READY', 'browser_gone') end
  if is_avoided(contact.id, agent.id) then return end
  take_out_of_line(contact)
  reserve(contact, agent, 'preferred_agent')
end

local function match_contact(contact) -- least scarce skills first, then longest idle
  local owner = owner_of(contact.line)
  if owner then return match_own(contact, agent_of(owner)) end
  local key, place = 'kc:idle:' .. contact.line, 0
  while fresh_offer and place <= LOOK_BEYOND do
    local name = call('ZRANGE', key, place, place)[1]
    if not name then return end
    local agent = agent_of(name)
    if browser_is_gone(agent) then
      become(agent, 'NOT_READY', 'browser_gone')
    elseif is_avoided(contact.id, name) then
      place = place + 1
    else
      take_out_of_line(contact)
      return reserve(contact, agent, 'fits_best')
    end
  end
end

local function make_ready(agent)
  set(agent, 'state', 'READY', 'reason', '', 'since', ARGV[1], 'idle_since', ARGV[1])
  note('agent_state', '', agent.id, 'state', 'READY', 'reason', '')
  match_agent(agent) -- before it is indexed: whoever gets somebody at once never is
  if agent.state == 'READY' then index_idle(agent) end
end

local function give_back(contact, how, agent_state, agent_reason) -- an offer came to nothing: the contact keeps its place
  local agent = agent_of(contact.agent)
  close_offer(contact, how)
  local waits = contact.callback == '' -- a citizen who is rung back is in no line
  if waits then
    call('HSET', 'kc:contact:' .. contact.id, 'avoid:' .. agent.id, whole(now + avoid_ms))
    if owner_of(contact.line) then widen(contact, how:lower()) end
    put_in_line(contact)
  else
    forget(contact)
    note('ring_back_ended', contact.id, agent.id, 'callback', contact.callback, 'how', 'agent_' .. how:lower())
  end
  let_go(agent, agent_state, agent_reason)
  if waits then match_contact(contact) end
  match_agent(agent)
end
