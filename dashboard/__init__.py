"""The agent's window: log-in, the desk, its live feed and telephone, and the demonstration's telephone page."""
