-- One offer whose time is up: TIMED_OUT when it was shown (the agent missed it), RESCINDED when it never rang.
local offer = call('ZRANGEBYSCORE', 'kc:offers', '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not offer then return done('none') end
local id, token, rung = unpack(call('HMGET', 'kc:offer:' .. offer, 'contact', 'token', 'rung'))
if not id or not is_pending(offer, token) then
  call('ZREM', 'kc:offers', offer)
elseif rung then
  give_back(contact_of(id), 'TIMED_OUT', 'NOT_READY', 'missed')
else
  give_back(contact_of(id), 'RESCINDED', 'READY', '')
end
return done('ok')
