-- The fair line: what every command shares. Each command's own file becomes one function after this text, and all are
-- loaded as one library: whatever a command decides (take a contact out, reserve an agent, issue a token) happens at
-- once or not at all. As functions they are made once; as scripts, making these closures anew took most of the time.
-- Time is ARGV[1] in milliseconds. Facts that a command notes go to the feed and back to the caller.
local call, ARGV, now, fresh_offer, fresh_leg, offer_ms, lease_ms, avoid_ms, rebuilding, facts, agents

local function begin(argv) -- everything that one command knows is set anew here
  call, ARGV, facts, agents = redis.call, argv, {}, {}
  now, fresh_offer, fresh_leg = tonumber(argv[1]), argv[2], argv[3]
  offer_ms, lease_ms, avoid_ms = tonumber(argv[4]), tonumber(argv[5]), tonumber(argv[6])
  rebuilding = argv[7] == '1'
  return rebuilding or call('EXISTS', 'kc:generation') == 1
end

local function command(name, body)
  redis.register_function(name, function(_, argv)
    if not begin(argv) then return 'flushed ' end
    return body()
  end)
end

local OWN = 7 -- a command's own arguments come after these
local IDLE_EPOCH, IDLE_SPAN = 1767225600000, 2199023255552 -- 2026-01-01 in ms; 2^41 ms is 69 years
local LOOK_BEYOND = 20 -- how many avoided ones a decision looks past

local function remember(contact, fact) -- what "explain" reads; offers are in SQL
  local why = 'kc:why:' .. contact
  local length = call('RPUSH', why, cjson.encode(fact))
  if length == 1 then call('EXPIRE', why, 86400) elseif length > 60 then call('LTRIM', why, -50, -1) end
end

local function note(kind, contact, agent, ...)
  local fact = {'fact', kind, 'contact', contact, 'agent', agent, 'at', ARGV[1], ...}
  facts[#facts + 1] = fact
  call('XADD', 'kc:feed', 'MAXLEN', '~', '10000', '*', unpack(fact))
  if contact ~= '' and kind:sub(1, 6) ~= 'offer_' then remember(contact, fact) end
end

local function done(status) -- one string, because clients read many small ones slowly
  return status .. ' ' .. (#facts > 0 and cjson.encode(facts) or '')
end

local function whole(number) return string.format('%.0f', number) end

local function before(a, b) -- by bytes, as a sorted set does; Lua's own order follows the locale
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return #a < #b
end

-- Skills and lines ---------------------------------------------------------------------------------------------------

local function levels(text)
  local found = {}
  for skill, level in text:gmatch('([^,:]+):(%d+)') do found[skill] = tonumber(level) end
  return found
end

local function can_serve(profile, line)
  local has = levels(profile)
  for skill, level in pairs(levels(line)) do
    if (has[skill] or 0) < level then return false end
  end
  return true
end

local AGENT_FIELDS = {'state', 'reason', 'profile', 'scarcity', 'idle_since', 'lease', 'next', 'next_reason', 'contact',
  'wish', 'wish_reason', 'disabled'}
local function agent_of(name) -- read once per script; every change below goes to both Redis and this copy
  local agent = agents[name]
  if agent then return agent end
  agent = {id = name, key = 'kc:agent:' .. name}
  local values = call('HMGET', agent.key, unpack(AGENT_FIELDS))
  for i, field in ipairs(AGENT_FIELDS) do agent[field] = values[i] or '' end
  agent.is_known, agent.is_indexed = agent.state ~= '', agent.state == 'READY'
  agents[name] = agent
  return agent
end

local function set(agent, ...)
  local pairs_ = {...}
  for i = 1, #pairs_, 2 do agent[pairs_[i]] = pairs_[i + 1] end
  call('HSET', agent.key, ...)
end

local function clear(agent, ...)
  local some = false
  for _, field in ipairs({...}) do
    some = some or agent[field] ~= ''
    agent[field] = ''
  end
  if some then call('HDEL', agent.key, ...) end
end

local function lines_of(agent)
  agent.lines = agent.lines or call('SMEMBERS', 'kc:serves:' .. agent.profile)
  return agent.lines
end

local function idle_score(agent)
  local since = tonumber(agent.idle_since) or now
  return whole((tonumber(agent.scarcity) or 0) * IDLE_SPAN + math.max(0, since - IDLE_EPOCH))
end

local function index_idle(agent)
  local score = idle_score(agent)
  agent.is_indexed = true
  call('SADD', 'kc:ready', agent.id)
  for _, line in ipairs(lines_of(agent)) do call('ZADD', 'kc:idle:' .. line, score, agent.id) end
end

local function unindex_idle(agent)
  if not agent.is_indexed then return end
  agent.is_indexed = false
  call('SREM', 'kc:ready', agent.id)
  for _, line in ipairs(lines_of(agent)) do call('ZREM', 'kc:idle:' .. line, agent.id) end
end

local function ensure_line(line)
  if call('SADD', 'kc:lines', line) == 0 then return end
  for _, profile in ipairs(call('SMEMBERS', 'kc:profiles')) do
    if can_serve(profile, line) then call('SADD', 'kc:serves:' .. profile, line) end
  end
  for _, name in ipairs(call('SMEMBERS', 'kc:ready')) do -- rare: lines are made when the configuration is read
    local agent = agent_of(name)
    if can_serve(agent.profile, line) then call('ZADD', 'kc:idle:' .. line, idle_score(agent), name) end
  end
end

local function ensure_profile(profile)
  if call('SADD', 'kc:profiles', profile) == 0 then return end
  for _, line in ipairs(call('SMEMBERS', 'kc:lines')) do
    if can_serve(profile, line) then call('SADD', 'kc:serves:' .. profile, line) end
  end
end

-- Agents -------------------------------------------------------------------------------------------------------------

local QUIET = {RESERVED = true, BUSY = true, WRAP_UP = true} -- told of by the offer or the talk that it comes with
local function become(agent, state, reason, ...)
  if state ~= 'READY' then unindex_idle(agent) end
  set(agent, 'state', state, 'reason', reason, 'since', ARGV[1], ...)
  if state == 'READY' then index_idle(agent) end
  if QUIET[state] and not rebuilding then
    facts[#facts + 1] = {'fact', 'agent_state', 'contact', '', 'agent', agent.id, 'at', ARGV[1], 'state', state}
  else
    note('agent_state', '', agent.id, 'state', state, 'reason', reason)
  end
end

local function let_go(agent, state, reason) -- the work is over; what the agent asked for meanwhile comes first
  local asked, why = agent.next, agent.next_reason
  clear(agent, 'next', 'next_reason', 'contact')
  local missed = asked == 'READY' and state ~= 'READY' -- who did not answer gets no more until they say so
  if asked ~= '' and not missed then state, reason = asked, why end
  become(agent, state, reason)
end

local function renew_lease(agent)
  local till = whole(now + lease_ms)
  set(agent, 'lease', till)
  call('ZADD', 'kc:leases', till, agent.id)
end

local function browser_is_gone(agent) return (tonumber(agent.lease) or 0) <= now end

-- Contacts -----------------------------------------------------------------------------------------------------------

local function contact_of(contact)
  local names = {'state', 'leg', 'queue', 'line', 'rank', 'since', 'agent', 'offer', 'token', 'agent_leg', 'callback'}
  local values, found = call('HMGET', 'kc:contact:' .. contact, unpack(names)), {}
  for i, name in ipairs(names) do found[name] = values[i] or '' end
  found.id = contact
  return found
end

local function is_avoided(contact, agent)
  local till = call('HGET', 'kc:contact:' .. contact, 'avoid:' .. agent)
  return till and tonumber(till) > now
end

local function put_in_line(contact)
  call('HSET', 'kc:contact:' .. contact.id, 'state', 'waiting', 'at', ARGV[1])
  call('HDEL', 'kc:contact:' .. contact.id, 'agent', 'offer', 'agent_leg', 'on_hold') -- the token stays: see repairs.py
  call('ZADD', 'kc:line:' .. contact.line, contact.rank, contact.id)
  call('ZADD', 'kc:waiting:' .. contact.queue, contact.since, contact.id)
end

local function take_out_of_line(contact)
  call('ZREM', 'kc:line:' .. contact.line, contact.id)
  call('ZREM', 'kc:waiting:' .. contact.queue, contact.id)
end

local function forget(contact)
  call('DEL', 'kc:contact:' .. contact.id)
  call('SREM', 'kc:contacts', contact.id)
  if contact.leg ~= '' then call('DEL', 'kc:party:' .. contact.leg) end
end

-- Offers -------------------------------------------------------------------------------------------------------------

local function reserve(contact, agent)
  local token, expires = call('INCR', 'kc:token'), whole(now + offer_ms)
  call('HSET', 'kc:contact:' .. contact.id, 'state', 'offered', 'at', ARGV[1], 'agent', agent.id, 'offer', fresh_offer,
    'token', token, 'agent_leg', fresh_leg)
  become(agent, 'RESERVED', '', 'contact', contact.id)
  call('HSET', 'kc:offer:' .. fresh_offer, 'state', 'PENDING', 'contact', contact.id, 'agent', agent.id, 'token', token,
    'leg', fresh_leg, 'made_at', ARGV[1], 'expires_at', expires)
  call('ZADD', 'kc:offers', expires, fresh_offer)
  call('SET', 'kc:party:' .. fresh_leg, 'agent ' .. contact.id .. ' ' .. fresh_offer .. ' ' .. token)
  note('offer_made', contact.id, agent.id, 'offer', fresh_offer, 'token', whole(token), 'leg', contact.leg, 'agent_leg',
    fresh_leg, 'queue', contact.queue)
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
  local first = first_of(heads)
  while first and is_avoided(heads[first].contact, agent.id) do
    local head = heads[first]
    heads[first] = head.place < LOOK_BEYOND and head_of(head.line, head.place + 1) or nil
    first = first_of(heads)
  end
  if not first then return end
  local contact = contact_of(heads[first].contact)
  take_out_of_line(contact)
  reserve(contact, agent)
end

local function match_contact(contact) -- least scarce skills first, then longest idle
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
      return reserve(contact, agent)
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
    put_in_line(contact)
  else
    forget(contact)
    note('ring_back_ended', contact.id, agent.id, 'callback', contact.callback, 'how', 'agent_' .. how:lower())
  end
  let_go(agent, agent_state, agent_reason)
  if waits then match_contact(contact) end
  match_agent(agent)
end
