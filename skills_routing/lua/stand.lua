-- token: the line is whole again, and open to all from now on; tokens go on above this one.
call('SET', 'kc:token', ARGV[OWN + 1])
call('SET', 'kc:generation', ARGV[1])
call('DEL', 'kc:rebuilding')
return done('ok')
