-- agent, state, reason: after a rebuild, the state that the agent last chose; the next heartbeat brings it about.
local agent = agent_of(ARGV[OWN + 1])
if agent.state == 'LOGGED_OFF' then change(agent, 'wish', ARGV[OWN + 2], 'wish_reason', ARGV[OWN + 3]) end
return done('ok')
