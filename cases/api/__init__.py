"""What the room takes in over HTTP."""
