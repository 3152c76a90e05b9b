-- agent: the browser is there. After a rebuild this is also how an agent comes back to the state last chosen.
local agent = agent_of(ARGV[OWN + 1])
if not agent.is_known then return done('unknown_agent') end
renew_lease(agent)
if agent.next_reason == 'browser_gone' then clear(agent, 'next', 'next_reason') end
local wish, why = agent.wish, agent.wish_reason
clear(agent, 'wish', 'wish_reason')
if wish == 'READY' then make_ready(agent) elseif wish ~= '' and wish ~= agent.state then become(agent, wish, why) end
return done('ok')
