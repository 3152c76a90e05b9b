"""What the room offers over HTTP."""
