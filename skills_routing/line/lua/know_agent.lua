-- agent, profile, scarcity, enabled, capacity, interruptible: what an agent can do, at once also for one who is free now.
-- The last two may be missing: three written contacts of weight 1, and no call meanwhile.
local agent, profile, scarcity = agent_of(ARGV[OWN + 1]), ARGV[OWN + 2], ARGV[OWN + 3]
local capacity, interruptible = ARGV[OWN + 5] or '3', ARGV[OWN + 6] == '1' and '1' or ''
if ARGV[OWN + 4] ~= '1' then
  if QUIET[agent.state] then
    change(agent, 'disabled', '1', 'next', 'LOGGED_OFF', 'next_reason', 'disabled')
  elseif agent.state ~= '' then
    become(agent, 'LOGGED_OFF', 'disabled')
    index(agent)
    drop(agent)
  end
  call('SREM', 'kc:agents', agent.id)
  return done('ok')
end
ensure_profile(profile)
call('SADD', 'kc:agents', agent.id)
if agent.state == '' then
  change(agent, 'state', 'LOGGED_OFF', 'reason', '', 'since', ARGV[1])
elseif agent.disabled == '' and agent.profile == profile and agent.scarcity == scarcity
  and agent.capacity == capacity and agent.interruptible == interruptible then
  return done('ok')
end
for _, line in ipairs(agent.indexed ~= '' and lines_of(agent) or {}) do call('ZREM', 'kc:idle:' .. line, agent.id) end
change(agent, 'profile', profile, 'scarcity', scarcity, 'capacity', capacity, 'interruptible', interruptible,
  'disabled', '', 'indexed', '')
agent.lines = false
hurry_own(agent)
match_agent(agent)
return done('ok')
