-- offer, token, how, agent state, reason: the offer came to nothing; the contact goes back to its place.
local id = is_pending(ARGV[OWN + 1], ARGV[OWN + 2])
if not id then return {'stale', facts} end
give_back(contact_of(id), ARGV[OWN + 3], ARGV[OWN + 4], ARGV[OWN + 5])
return {'ok', facts}
