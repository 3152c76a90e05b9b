-- token, gather (ms): the line is whole again, and open to all from now on; tokens go on above this one. When many wait,
-- agents come back for so long before contacts are dealt out.
local gather = tonumber(ARGV[OWN + 2])
call('SET', 'kc:token', whole(math.max(tonumber(call('GET', 'kc:token')) or 0, tonumber(ARGV[OWN + 1]))))
call('SET', 'kc:generation', gather > 0 and ARGV[1] .. ' ' .. whole(now + gather) or ARGV[1])
call('DEL', 'kc:rebuilding')
return done('ok')
