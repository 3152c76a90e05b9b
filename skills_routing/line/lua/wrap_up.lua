-- agent, contact, state, reason: the wrap-up is written; go on in this state, or in one that was asked for meanwhile.
-- A written contact is done with this.
local agent, contact = agent_of(ARGV[OWN + 1]), contact_of(ARGV[OWN + 2])
local state, reason = ARGV[OWN + 3], ARGV[OWN + 4]
if agent.state == '' then return done('unknown_agent') end
local is_written = weight_of(contact.line) > 0
if contact.agent ~= agent.id or contact.state ~= (is_written and 'talking' or 'wrap_up') then return done('not_yours') end
forget(contact)
note('wrapped_up', contact.id, agent.id, 'token', contact.token, 'offer', contact.offer,
  'leg', contact.leg, 'by', contact.ended_by, 'callback', contact.callback)
if is_written or agent.contact == contact.id then renew_lease(agent) end
if is_written then
  put_down(agent, contact)
elseif agent.contact == contact.id then -- else the agent is with somebody else by now: see ghosts.py
  if state ~= '' then change(agent, 'next', '', 'next_reason', '') end
  change(agent, 'idle_since', ARGV[1])
  let_go(agent, state ~= '' and state or 'READY', reason)
end
match_agent(agent)
return done('ok')
