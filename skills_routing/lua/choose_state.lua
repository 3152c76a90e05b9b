-- agent, state, reason: the agent chooses. While there is work the choice is kept for when it is over.
local agent, state, reason = agent_of(ARGV[OWN + 1]), ARGV[OWN + 2], ARGV[OWN + 3]
if not agent.is_known or agent.disabled ~= '' then return done('unknown_agent') end
clear(agent, 'wish', 'wish_reason')
renew_lease(agent)
if QUIET[agent.state] then
  set(agent, 'next', state, 'next_reason', reason)
  note('next_state', '', agent.id, 'state', state, 'reason', reason)
elseif state == 'READY' then
  if agent.state ~= 'READY' then make_ready(agent) end
elseif agent.state ~= state or agent.reason ~= reason then
  become(agent, state, reason)
end
return done('ok')
