-- agent, profile, scarcity, enabled: what an agent can do, at once also for one who is free now.
local agent, profile, scarcity = agent_of(ARGV[OWN + 1]), ARGV[OWN + 2], ARGV[OWN + 3]
if ARGV[OWN + 4] ~= '1' then
  if QUIET[agent.state] then
    set(agent, 'disabled', '1', 'next', 'LOGGED_OFF', 'next_reason', 'disabled')
  elseif agent.is_known then
    become(agent, 'LOGGED_OFF', 'disabled')
    call('DEL', agent.key)
  end
  call('SREM', 'kc:agents', agent.id)
  return done('ok')
end
ensure_profile(profile)
call('SADD', 'kc:agents', agent.id)
clear(agent, 'disabled')
if not agent.is_known then set(agent, 'state', 'LOGGED_OFF', 'reason', '', 'since', ARGV[1]) end
if agent.is_known and agent.profile == profile and agent.scarcity == scarcity then return done('ok') end
unindex_idle(agent)
set(agent, 'profile', profile, 'scarcity', scarcity)
agent.lines = nil
hurry_own(agent)
if agent.state == 'READY' then
  match_agent(agent)
  if agent.state == 'READY' then index_idle(agent) end
end
return done('ok')
