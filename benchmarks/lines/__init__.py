"""What the benchmarks of the line share: traffic, staff, measured lag, and how figures are shown."""
