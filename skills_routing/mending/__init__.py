"""Finds what differs between SQL, Redis, the ledger and the agents, and makes it one story again."""
