-- The fair line: what every command shares, in files that are read as one text (`live_line` names them).
-- Each command's own file becomes one function after this text, and all are loaded as one library: whatever a command
-- decides (take a contact out, reserve an agent, issue a token) happens at once or not at all.
-- Time is ARGV[1] in milliseconds. Facts that a command notes go to the feed and back to the caller.
-- A record is a hash that is read once; changes to it are gathered and written when the command is done.
local call, ARGV, now, fresh_offer, fresh_leg, offer_ms, lease_ms, avoid_ms, rebuilding, gathering, catching_up, many, look_beyond
local facts, records, dirty, first_of_kind

local function begin(argv) -- everything that one command knows is set anew here
  call, ARGV, facts, records, dirty, first_of_kind = redis.call, argv, {}, {}, {}, {}
  now, fresh_leg = tonumber(argv[1]), 'leg' .. argv[2]:sub(4)
  local offer, lease, avoid, crowd, beyond = argv[3]:match('^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  offer_ms, lease_ms, avoid_ms, many = tonumber(offer), tonumber(lease), tonumber(avoid), tonumber(crowd)
  look_beyond = tonumber(beyond) -- how many avoided ones a decision looks past
  rebuilding = argv[4] ~= ''
  fresh_offer = not rebuilding and argv[2] or nil -- nobody is offered anything before the line is whole
  if not here then look_where_we_are() end
  if rebuilding then -- a claim that was lost writes no more (I-31), nor one that was taken when all was done
    return call('GET', 'kc:rebuilding') == argv[4] and call('EXISTS', 'kc:generation') == 0
  end
  local standing = call('GET', 'kc:generation') -- when it was made and, after a space, till when agents gather
  if not standing then call('SET', 'kc:server', here) end -- before anything is made on it
  local till = standing and standing:match(' (%d+)$')
  gathering = till and tonumber(till) > now
  catching_up = till and tonumber(till) + 30000 > now -- all have gathered, and perhaps not all is dealt out yet
  return standing
end

local function command(name, body)
  redis.register_function(name, function(_, argv)
    if not begin(argv) then return 'flushed ' end
    return body()
  end)
end

local OWN = 4 -- a command's own arguments come after these

local function whole(number) return string.format('%.0f', number) end

local function before(a, b) -- by bytes, as a sorted set does; Lua's own order follows the locale
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return #a < #b
end

-- Records ------------------------------------------------------------------------------------------------------------

local OFTEN = {state = '', reason = '', next = '', next_reason = '', contact = '', load = '', own = '', due = '', step = '',
  callback = '', lease = '', wish = '', interruptible = '', indexed = '', disabled = '', scarcity = '', idle_since = '', phone = ''}
local BLANK, EMPTY = {__index = OFTEN}, {__index = function() return '' end} -- a field that is not there is empty

local function record_of(prefix, id) -- read once per command
  local key = prefix .. id
  local found = records[key]
  if found then return found end
  found = setmetatable({}, BLANK)
  if getmetatable(OFTEN) == nil then setmetatable(OFTEN, EMPTY) end -- not allowed while functions are loaded
  local flat = call('HGETALL', key)
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  found.id, found.key, found.changed, found.is_agent, found.is_dropped = id, key, {}, prefix == 'kc:agent:', false
  found.lines = false
  records[key] = found
  return found
end

local function agent_of(name) return record_of('kc:agent:', name) end
local function contact_of(id) return record_of('kc:contact:', id) end

local function change(record, ...)
  local pairs_, changed = {...}, record.changed
  for i = 1, #pairs_, 2 do
    local name, value = pairs_[i], pairs_[i + 1]
    if record[name] ~= value then
      if #changed == 0 then dirty[#dirty + 1] = record end
      record[name] = value
      changed[#changed + 1], changed[#changed + 2] = name, value
    end
  end
end

local function drop(record)
  call('DEL', record.key)
  records[record.key], record.is_dropped = nil, true
end

-- Facts --------------------------------------------------------------------------------------------------------------

local function note(kind, contact, agent, ...)
  local fact = {kind, contact, agent, ...}
  facts[#facts + 1] = fact
  return fact
end

local function tell() -- one entry in the feed for all that a command did, and one string: clients read many slowly
  if #facts == 0 then return '' end
  local names, texts = {}, {}
  for i, fact in ipairs(facts) do
    names[i], texts[i] = fact[3], table.concat(fact, '\31') -- line_facts.read_facts; no argument has these in it
  end
  call('XADD', 'kc:feed', 'MAXLEN', '~', '10000', '*', 'agent', table.concat(names, ','))
  return table.concat(texts, '\30')
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

local function weight_of(line) -- what one contact of the line weighs; 0: a call, which takes all of an agent
  local at = line:find(',written/', 1, true)
  return at and tonumber(line:sub(at + 9)) or 0
end

-- Contacts -----------------------------------------------------------------------------------------------------------

local function is_avoided(contact, agent)
  local till = contact['avoid:' .. agent.id]
  return till ~= '' and tonumber(till) > now
end
