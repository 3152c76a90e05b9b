"""What the room shows over HTTP."""
