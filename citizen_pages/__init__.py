"""What all pages that a citizen opens by a signed link have in common."""
