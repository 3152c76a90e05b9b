-- One agent whose browser has not been heard of: gets no more offers. One who talks keeps talking.
local agent = call('ZRANGEBYSCORE', 'kc:leases', '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not agent then return {'none', facts} end
call('ZREM', 'kc:leases', agent)
local state, id = unpack(call('HMGET', 'kc:agent:' .. agent, 'state', 'contact'))
if state == 'READY' then
  become(agent, 'NOT_READY', 'browser_gone')
elseif state == 'RESERVED' then
  give_back(contact_of(id), 'RESCINDED', 'NOT_READY', 'browser_gone')
elseif state == 'BUSY' or state == 'WRAP_UP' then
  call('HSET', 'kc:agent:' .. agent, 'next', 'NOT_READY', 'next_reason', 'browser_gone')
end
return {'ok', facts}
