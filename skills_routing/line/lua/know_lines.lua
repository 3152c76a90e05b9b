-- lines: those that the configuration names are made beforehand, so that no caller pays for it.
for i = OWN + 1, #ARGV do ensure_line(ARGV[i]) end
return done('ok')
