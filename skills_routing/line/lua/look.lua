-- (nothing): whether the line is there, which every command tells.
return done('ok')
