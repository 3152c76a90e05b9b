"""How long it will take: what was measured, the line played forward, and how true that was."""
