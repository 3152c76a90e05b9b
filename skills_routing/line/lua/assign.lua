-- contact, agent: one pair of a batch, in order of rank. Refused when either has changed since the batch was worked out.
-- Somebody who comes before and still waits was refused, or has come since: the agent is theirs.
local contact, agent = contact_of(ARGV[OWN + 1]), agent_of(ARGV[OWN + 2])
if contact.state ~= 'waiting' then return done('contact_gone') end
if not has_room(openness(agent), contact.line) then return done('agent_taken') end
local owner = owner_of(contact.line)
if not can_serve(agent.profile, contact.line) or (owner and owner ~= agent.id) then return done('cannot_serve') end
if is_avoided(contact, agent) then return done('avoided') end
if browser_is_gone(agent) then
  dismiss(agent)
  return done('browser_gone')
end
local first = somebody_before(agent, contact, true) -- the batch may be old: its process may have stood still
return done(give(first or contact, agent, 'batch', first and contact) and 'ok' or 'paced')
