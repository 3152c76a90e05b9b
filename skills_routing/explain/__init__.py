"""Says in words why a contact went where it went, or why it still waits."""
