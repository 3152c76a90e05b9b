-- agent, contact ('' for none): the agent is busy with a call that is not theirs, or with none. If so, free again.
local agent, id = agent_of(ARGV[OWN + 1]), ARGV[OWN + 2]
if not QUIET[agent.state] or agent.contact ~= id then return done('wrong_state') end
if id == '' and load_of(agent) > 0 then return done('wrong_state') end
if id ~= '' and contact_of(id).agent == agent.id then return done('wrong_state') end
let_go(agent, 'READY', '')
match_agent(agent)
return done('ok')
