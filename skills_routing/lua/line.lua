-- The fair line: what every command shares. Each command's own file becomes one function after this text, and all are
-- loaded as one library: whatever a command decides (take a contact out, reserve an agent, issue a token) happens at
-- once or not at all. As functions they are made once; as scripts, making these closures anew took most of the time.
-- Time is ARGV[1] in milliseconds. Facts that a command notes go to the feed and back to the caller.
local call, ARGV, now, fresh_offer, fresh_leg, offer_ms, lease_ms, avoid_ms, rebuilding, facts, agents

local function begin(argv) -- everything that one command knows is set anew here
  call, ARGV, facts, agents = redis.call, argv, {}, {}
  now, fresh_leg = tonumber(argv[1]), argv[3]
  offer_ms, lease_ms, avoid_ms = tonumber(argv[4]), tonumber(argv[5]), tonumber(argv[6])
  rebuilding = argv[7] ~= '0'
  fresh_offer = not rebuilding and argv[2] or nil -- nobody is offered anything before the line is whole
  if rebuilding then return call('GET', 'kc:rebuilding') == argv[7] end -- a claim that was lost writes no more (I-31)
  return call('EXISTS', 'kc:generation') == 1
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
    if (has[skill] or 0) < level and skill:sub(1, 1) ~= '@' then return false end
  end
  return true
end

local function owner_of(line) return line:match('^@([^:]+)') end -- the one agent whom those in this line wait for

local AGENT_FIELDS = {'state', 'reason', 'profile', 'scarcity', 'idle_since', 'lease', 'next', 'next_reason', 'contact',
  'wish', 'wish_reason', 'disabled', 'own'}
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

local function hurry_own(agent) -- who waits for just this agent may do so in vain: the next sweep looks
  for line in agent.own:gmatch('%S+') do
    for _, id in ipairs(call('ZRANGE', 'kc:line:' .. line, 0, -1)) do call('ZADD', 'kc:steps', ARGV[1], id) end
  end
end

local QUIET = {RESERVED = true, BUSY = true, WRAP_UP = true} -- told of by the offer or the talk that it comes with
local function become(agent, state, reason, ...)
  if state ~= 'READY' then unindex_idle(agent) end
  set(agent, 'state', state, 'reason', reason, 'since', ARGV[1], ...)
  if state == 'READY' then index_idle(agent) end
  if agent.own ~= '' and (state == 'LOGGED_OFF' or reason == 'browser_gone') then hurry_own(agent) end
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
  local names = {'state', 'leg', 'queue', 'line', 'rank', 'since', 'agent', 'offer', 'token', 'agent_leg', 'callback',
    'step', 'due'}
  local values, found = call('HMGET', 'kc:contact:' .. contact, unpack(names)), {}
  for i, name in ipairs(names) do found[name] = values[i] or '' end
  found.id = contact
  return found
end

local function is_avoided(contact, agent)
  local till = call('HGET', 'kc:contact:' .. contact, 'avoid:' .. agent)
  return till and tonumber(till) > now
end
