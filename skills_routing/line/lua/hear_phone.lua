-- agent, here ('1' or ''): the switch can ring the agent's telephone, or cannot. Work in hand is not touched; what is written
-- still comes. An agent whose offer failed just because of the telephone is ready again together with it.
local agent, here = agent_of(ARGV[OWN + 1]), ARGV[OWN + 2] == '1'
call(here and 'SREM' or 'SADD', 'kc:no_phone', agent.id)
if agent.state == '' then
  call('SREM', 'kc:no_phone', agent.id)
  return done('unknown_agent')
end
local failed = agent.state == 'NOT_READY' and agent.reason == 'phone_unreachable'
if here and can_be_rung(agent) and failed then log_in(agent) end
if here == can_be_rung(agent) then return done('ok') end
change(agent, 'phone', here and '' or 'gone')
note('phone_heard', '', agent.id, 'state', here and 'here' or 'gone')
if not here then
  if agent.own ~= '' then hurry_own(agent) end
  return done('ok')
end
if agent.next_reason == 'phone_unreachable' then change(agent, 'next', '', 'next_reason', '') end
if failed then
  log_in(agent)
else
  if agent.state == 'READY' then begins_to_gather(agent) end -- after a restart of the switch all come back together
  match_agent(agent)
end
return done('ok')
