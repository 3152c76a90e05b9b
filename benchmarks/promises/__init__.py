"""What the benchmark of promises to ring back is made of."""
