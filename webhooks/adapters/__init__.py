"""How what is told leaves us."""
