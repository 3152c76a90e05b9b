-- Agents: what they could take now, where they stand in the idle indexes, and how their state follows from the work.
-- An agent has one call, or written contacts up to a capacity (`load` is what those weigh together). Who has written
-- work is BUSY with no `contact`, and is open for more as long as nothing else was asked for (`next`).

local IDLE_EPOCH, IDLE_SPAN = 1767225600000, 1099511627776 -- 2026-01-01 in ms; 2^40 ms is 34 years
local INTERRUPTED_LAST = 4096 * IDLE_SPAN -- for a call, whoever has no work at all comes first

local function load_of(agent) return tonumber(agent.load) or 0 end

local function capacity_of(agent) return tonumber(agent.capacity) or 3 end

local function can_be_rung(agent) return agent.phone ~= 'gone' end

local function may_have(agent, line) -- one contact of this line, had the agent no other work
  local weight = weight_of(line)
  if weight == 0 then return can_be_rung(agent) end
  return weight <= capacity_of(agent)
end

local function lines_of(agent)
  agent.lines = agent.lines or call('SMEMBERS', 'kc:serves:' .. agent.profile)
  return agent.lines
end

local function openness(agent) -- '': takes nothing now; else 0, 1 or 2 (by interruption) for a call, and the spare capacity
  local load = load_of(agent)
  local goes_on = agent.state == 'BUSY' and agent.contact == '' and agent.next == ''
  if agent.state ~= 'READY' and not goes_on then return '' end
  local for_calls = load == 0 and '1' or (agent.interruptible == '1' and '2' or '0')
  if not can_be_rung(agent) then for_calls = '0' end
  return for_calls .. whole(capacity_of(agent) - load)
end

local function has_room(open, line)
  if open == '' then return false end
  local weight = weight_of(line)
  if weight == 0 then return open:byte() ~= 48 end -- '0'
  return tonumber(open:sub(2)) >= weight
end

local function idle_score(agent)
  local since = tonumber(agent.idle_since) or now
  return (tonumber(agent.scarcity) or 0) * IDLE_SPAN + math.max(0, since - IDLE_EPOCH)
end

local function score_in(line, open, score)
  local interrupts = open:byte() == 50 and weight_of(line) == 0 -- '2'
  return whole(interrupts and score + INTERRUPTED_LAST or score)
end

local function index(agent) -- `indexed` tells how the agent stands in kc:idle:*, so that only what differs is written
  local open = openness(agent)
  local score = open ~= '' and idle_score(agent)
  local wanted = score and open .. '@' .. whole(score) or ''
  if wanted == agent.indexed then return end
  for _, line in ipairs(lines_of(agent)) do
    if has_room(open, line) then
      call('ZADD', 'kc:idle:' .. line, score_in(line, open, score), agent.id)
    elseif agent.indexed ~= '' then
      call('ZREM', 'kc:idle:' .. line, agent.id)
    end
  end
  change(agent, 'indexed', wanted)
end

local function index_all()
  for _, record in ipairs(dirty) do
    if record.is_agent and not record.is_dropped then index(record) end
  end
end

local function done(status) -- what was changed is written, and what happened is told
  index_all()
  for _, record in ipairs(dirty) do
    if not record.is_dropped then call('HSET', record.key, unpack(record.changed)) end
  end
  return status .. ' ' .. tell()
end

local function ensure_line(line)
  if owner_of(line) then return end
  if call('SADD', 'kc:lines', line) == 0 then return end
  for _, profile in ipairs(call('SMEMBERS', 'kc:profiles')) do
    if can_serve(profile, line) then call('SADD', 'kc:serves:' .. profile, line) end
  end
  for _, name in ipairs(call('SMEMBERS', 'kc:agents')) do -- rare: lines are made when the configuration is read
    local open, profile, at = unpack(call('HMGET', 'kc:agent:' .. name, 'indexed', 'profile'))
    open, at = (open or ''):match('^(%d%-?%d+)@(%d+)$')
    if open and can_serve(profile, line) and has_room(open, line) then
      call('ZADD', 'kc:idle:' .. line, score_in(line, open, tonumber(at)), name)
    end
  end
end

local function ensure_profile(profile)
  if call('SADD', 'kc:profiles', profile) == 0 then return end
  for _, line in ipairs(call('SMEMBERS', 'kc:lines')) do
    if can_serve(profile, line) then call('SADD', 'kc:serves:' .. profile, line) end
  end
end

local function hurry_own(agent) -- who waits for just this agent may do so in vain: the next sweep looks
  for line in agent.own:gmatch('%S+') do
    for _, id in ipairs(call('ZRANGE', 'kc:line:' .. line, 0, -1)) do call('ZADD', 'kc:steps', ARGV[1], id) end
  end
end

local QUIET = {RESERVED = true, BUSY = true, WRAP_UP = true} -- told of by the offer or the talk that it comes with
local function become(agent, state, reason)
  change(agent, 'state', state, 'reason', reason, 'since', ARGV[1])
  if agent.own ~= '' and (state == 'LOGGED_OFF' or state == 'NOT_READY') then hurry_own(agent) end
  if not QUIET[state] or rebuilding then note('agent_state', '', agent.id, 'state', state, 'reason', reason) end
end

local function let_go(agent, state, reason) -- the work is over; what the agent asked for meanwhile comes first
  local asked, why = agent.next, agent.next_reason
  local missed = asked == 'READY' and state ~= 'READY' -- who did not answer gets no more until they say so
  if asked ~= '' and not missed then state, reason = asked, why end
  if load_of(agent) == 0 then
    change(agent, 'next', '', 'next_reason', '', 'contact', '')
    return become(agent, state, reason)
  end
  if state == 'READY' then state, reason = '', '' end -- written work goes on, and the rest comes when it is over
  change(agent, 'next', state, 'next_reason', reason, 'contact', '')
  become(agent, 'BUSY', '')
end

local function add_load(agent, weight)
  if weight ~= 0 then change(agent, 'load', whole(math.max(0, load_of(agent) + weight))) end
end

local function put_down(agent, contact) -- a written contact is no longer this agent's
  call('EXPIRE', 'kc:offer:' .. contact.offer, 3600)
  call('SREM', 'kc:written:' .. agent.id, contact.id)
  add_load(agent, -weight_of(contact.line))
  if agent.state ~= 'BUSY' or agent.contact ~= '' then return end -- a call goes on
  change(agent, 'idle_since', ARGV[1])
  if load_of(agent) == 0 then let_go(agent, 'READY', '') end
end

local function renew_lease(agent)
  local till = whole(now + lease_ms)
  change(agent, 'lease', till)
  call('ZADD', 'kc:leases', till, agent.id)
end

local function browser_is_gone(agent) return (tonumber(agent.lease) or 0) <= now end

local function dismiss(agent) -- no browser: no more offers; written work that is at hand stays
  if agent.state == 'READY' then
    become(agent, 'NOT_READY', 'browser_gone')
  else
    change(agent, 'next', 'NOT_READY', 'next_reason', 'browser_gone')
  end
  index(agent)
end
