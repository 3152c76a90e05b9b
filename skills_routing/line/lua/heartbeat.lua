-- agent: the browser is there. After a rebuild this is also how an agent comes back to the state last chosen.
local agent = agent_of(ARGV[OWN + 1])
if agent.state == '' then return done('unknown_agent') end
renew_lease(agent)
if agent.next_reason == 'browser_gone' then
  change(agent, 'next', '', 'next_reason', '')
  match_agent(agent) -- who has written work is open for more again
end
local wish, why = agent.wish, agent.wish_reason
if wish ~= '' then
  change(agent, 'wish', '', 'wish_reason', '')
  if wish == 'READY' then log_in(agent) elseif wish ~= agent.state then become(agent, wish, why) end
end
return done('ok')
