-- offer, token, how, agent state, reason: the offer came to nothing; the contact goes back to its place.
local id = is_pending(ARGV[OWN + 1], ARGV[OWN + 2])
if not id then return done('stale') end
give_back(contact_of(id), ARGV[OWN + 3], ARGV[OWN + 4], ARGV[OWN + 5])
return done('ok')
