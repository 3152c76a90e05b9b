-- agent, state, reason: the agent chooses. While there is work the choice is kept for when it is over.
local agent, state, reason = agent_of(ARGV[OWN + 1]), ARGV[OWN + 2], ARGV[OWN + 3]
if agent.state == '' or agent.disabled ~= '' then return done('unknown_agent') end
change(agent, 'wish', '', 'wish_reason', '')
renew_lease(agent)
if QUIET[agent.state] then
  local is_writing = agent.state == 'BUSY' and agent.contact == ''
  if is_writing and state == 'READY' then state, reason = '', '' end -- open for more again
  change(agent, 'next', state, 'next_reason', reason)
  note('next_state', '', agent.id, 'state', state, 'reason', reason)
  match_agent(agent)
elseif state == 'READY' then
  if agent.state ~= 'READY' then log_in(agent) end
elseif agent.state ~= state or agent.reason ~= reason then
  become(agent, state, reason)
end
return done('ok')
