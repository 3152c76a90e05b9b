-- One offer whose time is up: TIMED_OUT when it was shown (the agent missed it), RESCINDED when it never rang, or when
-- the agent said yes and no phone was answered.
local offer = call('ZRANGEBYSCORE', 'kc:offers', '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not offer then return done('none') end
local id, token, rung, said_yes = unpack(call('HMGET', 'kc:offer:' .. offer, 'contact', 'token', 'rung', 'said_yes'))
if not id or not is_pending(offer, token) then
  call('ZREM', 'kc:offers', offer)
elseif said_yes then
  give_back(contact_of(id), 'RESCINDED', 'NOT_READY', 'phone_unreachable')
elseif rung == '1' then
  give_back(contact_of(id), 'TIMED_OUT', 'NOT_READY', 'missed')
else
  give_back(contact_of(id), 'RESCINDED', 'READY', '')
end
return done('ok')
