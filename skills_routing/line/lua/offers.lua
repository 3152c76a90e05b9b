-- Offers: a contact shown to an agent, who is reserved meanwhile. The token fences late commands.

local function reserve(contact, agent, why)
  local token, expires, weight = whole(call('INCR', 'kc:token')), whole(now + offer_ms), weight_of(contact.line)
  local leg = weight == 0 and fresh_leg or '' -- no phone rings for what is written
  if contact.state == 'waiting' then take_out_of_line(contact) end
  change(contact, 'state', 'offered', 'at', ARGV[1], 'agent', agent.id, 'offer', fresh_offer, 'token', token,
    'agent_leg', leg)
  change(agent, 'contact', contact.id)
  add_load(agent, weight)
  become(agent, 'RESERVED', '')
  call('HSET', 'kc:offer:' .. fresh_offer, 'state', 'PENDING', 'contact', contact.id, 'agent', agent.id, 'token', token,
    'leg', leg, 'made_at', ARGV[1], 'expires_at', expires)
  if leg == '' then call('HSET', 'kc:offer:' .. fresh_offer, 'rung', '1') end
  call('ZADD', 'kc:offers', expires, fresh_offer)
  note('offer_made', contact.id, agent.id, 'offer', fresh_offer, 'token', token, 'leg', contact.leg, 'agent_leg', leg,
    'queue', contact.queue, 'reason', why)
  fresh_offer = nil -- one command makes one offer at most
end

local function release(leg) -- it has nothing to do any more; if it is still there, `legs` hangs it up
  if leg ~= '' then call('SET', 'kc:party:' .. leg, 'gone ' .. ARGV[1], 'EX', 600) end
end

local function end_talk(contact) -- while offered, the offer tells of the agent's leg
  call('EXPIRE', 'kc:offer:' .. contact.offer, 3600)
  release(contact.agent_leg)
end

local function close_offer(contact, state)
  local key = 'kc:offer:' .. contact.offer
  call('HSET', key, 'state', state, 'ended_at', ARGV[1])
  call('ZREM', 'kc:offers', contact.offer)
  if state ~= 'ACCEPTED' then
    call('EXPIRE', key, 3600)
    add_load(agent_of(contact.agent), -weight_of(contact.line))
  end
  note('offer_ended', contact.id, contact.agent, 'offer', contact.offer, 'how', state:lower(), 'agent_leg',
    contact.agent_leg, 'token', contact.token)
end

local function is_pending(offer, token)
  local state, issued, contact = unpack(call('HMGET', 'kc:offer:' .. offer, 'state', 'token', 'contact'))
  if state == 'PENDING' and issued == token then return contact end
  return nil, state or 'unknown', issued == token
end
