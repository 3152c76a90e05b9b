-- agent, contact, state, reason: the wrap-up is written; go on in this state, or in one that was asked for meanwhile.
local agent, contact = ARGV[OWN + 1], contact_of(ARGV[OWN + 2])
local key = 'kc:agent:' .. agent
if not call('HGET', key, 'state') then return {'unknown_agent', facts} end
if contact.agent ~= agent or contact.state ~= 'wrap_up' then return {'not_yours', facts} end
forget(contact)
renew_lease(agent)
local state, reason = ARGV[OWN + 3], ARGV[OWN + 4]
if state ~= '' then
  call('HDEL', key, 'next', 'next_reason')
end
call('HSET', key, 'idle_since', ARGV[1])
note('wrapped_up', contact.id, agent)
let_go(agent, state ~= '' and state or 'READY', reason)
match_agent(agent)
return {'ok', facts}
