"""Each compares in one run and prints last one JSON line: bench, figures, bounds, holds."""
