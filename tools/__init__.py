"""What `make` runs before the product can: Python's standard library only, so that it needs nothing installed."""
