"""Which agent gets which contact: the fair line, offers, agent state."""
