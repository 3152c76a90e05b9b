"""Who can do what, who must not leave just now, and what an agent's desk shows."""
