"""How the dashboard reaches systems outside."""
