"""What a benchmark with real telephones needs: citizens and agents who make no sound, and the system around them."""
