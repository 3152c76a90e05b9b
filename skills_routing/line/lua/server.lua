-- Which server this is. One that comes again from its file, or a replica that takes over, may lack the last seconds:
-- contacts in two places, tokens that would be given twice. What is in a server's memory only (`here`) tells it, without
-- a look at anything in each command. The line is then made anew from SQL, as if Redis had been emptied.
local here

local OF_THE_LINE = {agent = true, agents = true, at_step = true, contact = true, contacts = true, dialled = true,
  generation = true, idle = true, leases = true, line = true, lines = true, log_ins = true, no_phone = true, offer = true, offers = true, order = true, own_lines = true,
  paced = true, party = true, profiles = true, rebuilding = true, serves = true, steps = true, waiting = true, waiting_written = true, written = true}

local function look_where_we_are()
  here = redis.call('INFO', 'server'):match('run_id:(%x+)')
  local made_on = redis.call('GET', 'kc:server')
  if made_on and made_on ~= here then
    for _, key in ipairs(redis.call('KEYS', 'kc:*')) do
      if OF_THE_LINE[key:match('^kc:([^:]+)')] then redis.call('UNLINK', key) end
    end
  end
  redis.call('SET', 'kc:server', here)
end

