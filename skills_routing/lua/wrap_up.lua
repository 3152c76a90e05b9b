-- agent, contact, state, reason: the wrap-up is written; go on in this state, or in one that was asked for meanwhile.
local agent, contact = agent_of(ARGV[OWN + 1]), contact_of(ARGV[OWN + 2])
if not agent.is_known then return done('unknown_agent') end
if contact.agent ~= agent.id or contact.state ~= 'wrap_up' then return done('not_yours') end
forget(contact)
renew_lease(agent)
local state, reason = ARGV[OWN + 3], ARGV[OWN + 4]
if state ~= '' then clear(agent, 'next', 'next_reason') end
set(agent, 'idle_since', ARGV[1])
note('wrapped_up', contact.id, agent.id)
let_go(agent, state ~= '' and state or 'READY', reason)
match_agent(agent)
return done('ok')
